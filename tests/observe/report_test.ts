import assert from "node:assert/strict";
import { DOMParser } from "npm:linkedom@0.18.14";
import { CommandError, EndpointError, RunnerError } from "../../src/model/errors.ts";
import { toReport } from "../../src/observe/report.ts";
import type { Json } from "../../src/model/nodes.ts";
import type { ItemResult, Result, RunEvent, StageResult } from "../../src/model/result.ts";
import type { RunEnd } from "../../src/model/run_observer.ts";
import type { RunSpan } from "../../src/observe/timeline.ts";
import { goodRun, recorded, stageResult } from "./fixture.ts";

const HOSTILE =
  `"'><script>alert(1)</script><img src=x onerror=alert(2)>&lt;\u202e</style></title>]]>`;

/** A text as a page shows it: without characters that reorder letters. */
const SHOWN = HOSTILE.replace("\u202e", "\u{fffd}");

function read(runs: readonly RunSpan[]) {
  return new DOMParser().parseFromString(toReport(runs), "text/html");
}

/** A run in which a machine fails. */
function failedRun(): RunSpan {
  const error = new RunnerError("cannot boot the guest: it panicked", {
    runner: "vm",
    phase: "boot",
    argv: ["qemu-system-x86_64", "-nodefaults"],
    consoleTail: "[ 0.1] Kernel panic - not syncing <init>",
  });
  return recorded([
    [1, { type: "phase", stage: 0, phase: "booting" }],
    [2, { type: "end", stage: 0, result: stageResult(0, { signal: "SIGKILL" }), error }],
  ], [3, { error }]);
}

/** A run in which every free text is hostile. */
function hostileRun(): RunSpan {
  const argv = [HOSTILE, HOSTILE];
  const result = { argv, runner: HOSTILE, code: 1, durationMs: 1, stderrTail: HOSTILE };
  const error = new RunnerError(HOSTILE, {
    runner: HOSTILE,
    phase: HOSTILE,
    argv,
    consoleTail: HOSTILE,
  });
  const outline = {
    source: HOSTILE,
    stages: [{ runner: HOSTILE, argv, hostArgv: argv }],
    edges: ["pipe", "pipe"],
    sink: HOSTILE,
  } as const;
  return recorded(
    [
      [1, { type: "phase", stage: 0, phase: HOSTILE, detail: HOSTILE }],
      [2, { type: "end", stage: 0, result, error }],
    ],
    [3, { error }],
    outline,
  );
}

Deno.test("a report shows each stage: argv, runner, status, bytes, phases and stderr", () => {
  const cards = [...read([goodRun()]).querySelectorAll(".card")].map((card) => card.textContent);
  assert.equal(cards.length, 2);
  for (
    const words of ["wc -c", "vm", "exit code 0", "2.0 KiB", "a warning", "packing the initrd"]
  ) {
    assert.ok(cards[0]!.includes(words), words);
  }
  assert.ok(cards[0]!.includes("qemu-system-x86_64 -m 512"));
});

Deno.test("a report shows the pipeline as a graph: source, stages and sink, and their connections", () => {
  const graph = read([goodRun()]).querySelector(".graph svg")!;
  const nodes = [...graph.querySelectorAll(".node .name")].map((node) => node.textContent);
  assert.deepEqual(nodes, ['file("in")', "wc -c", "gzip", 'file("out")']);
  const edges = [...graph.querySelectorAll(".edge")].map((edge) => edge.textContent);
  assert.equal(edges.length, 3);
  assert.match(edges[0]!, /file\s+2\.0 KiB/);
});

Deno.test("a report has a timeline whose bars are the phases", () => {
  const tracks = [...read([goodRun()]).querySelectorAll(".track")];
  const bars = tracks.map((track) =>
    [...track.querySelectorAll(".bar")].map((bar) => bar.getAttribute("title")!.split(":")[0])
  );
  assert.deepEqual(bars, [["preparing", "cloning", "running"], ["running"]]);
  assert.equal(
    tracks[0]!.querySelector(".bar.run")!.getAttribute("style"),
    "left:49.02%;width:49.02%",
  );
});

Deno.test("a report of a failed machine has its console, and the command to reproduce it", () => {
  const page = read([failedRun()]);
  const [card] = page.querySelectorAll(".card");
  assert.match(card!.textContent!, /Kernel panic - not syncing <init>/);
  assert.match(card!.textContent!, /qemu-system-x86_64 -nodefaults/);
  assert.match(page.querySelector("main > .failure pre")!.textContent!, /cannot boot the guest/);
});

Deno.test("a report of many runs lists them, and unfolds the failed ones", () => {
  const page = read([...Array.from({ length: 5 }, goodRun), failedRun()]);
  const runs = [...page.querySelectorAll("details.run")];
  assert.deepEqual(runs.map((run) => run.hasAttribute("open")), [
    false,
    false,
    false,
    false,
    false,
    true,
  ]);
  assert.match(page.querySelector("h1")!.textContent!, /6 runs/);
  assert.match(page.querySelector("main > p > .chip")!.textContent!, /1 of 6 failed/);
});

Deno.test("a report without runs states that", () => {
  assert.match(read([]).querySelector("h1")!.textContent!, /Nothing was run/);
});

Deno.test("argv, stderr, console and names are always shown as text", () => {
  for (const runs of [[hostileRun()], [hostileRun(), hostileRun()]]) {
    const page = read(runs);
    assert.equal(page.querySelectorAll("script, img, iframe, object").length, 0);
    const links = [...page.querySelectorAll("a")].map((link) => link.getAttribute("href")!);
    assert.ok(links.every((href) => /^#[a-z0-9-]+$/.test(href)), "only into the page itself");
    const handlers = [...page.querySelectorAll("*")].flatMap((node) =>
      [...node.attributes].filter(({ name }) => name.startsWith("on"))
    );
    assert.deepEqual(handlers, []);
    const blocks = [...page.querySelectorAll("pre")].map((block) => block.textContent);
    assert.ok(blocks.includes(SHOWN), JSON.stringify(blocks));
    assert.ok(!toReport(runs).includes("\u202e"));
  }
});

Deno.test("a report is self-contained, and its policy allows no script", () => {
  const page = read([goodRun()]);
  assert.equal(page.querySelectorAll("[src], link, script, [href]").length, 0);
  const policy = page.querySelector("meta[http-equiv=Content-Security-Policy]")!;
  assert.match(policy.getAttribute("content")!, /^default-src 'none'/);
  assert.doesNotMatch(toReport([goodRun()]), /url\(|@import|https?:/);
});

Deno.test("the first screen names the failed stage, with its last words and a link", () => {
  const result = { ...stageResult(0, { code: 3 }), stderrTail: "first\nlast words\n\n" };
  const page = read([
    recorded(
      [[1, { type: "end", stage: 0, result }]],
      [2, { result: { ok: false, code: 3, timedOut: false, stages: [result] } }],
      {
        source: "empty()",
        stages: [{ runner: "local", argv: ["x".repeat(500)] }],
        edges: ["pipe", "file"],
        sink: 'file("out")',
      },
    ),
  ]);
  const box = page.querySelector(".failure")!;
  assert.match(box.textContent, /Stage 1 failed: exit code 3/);
  assert.equal(box.querySelector("pre")!.textContent, "last words");
  const link = box.querySelector("a")!.getAttribute("href")!;
  assert.equal(page.querySelector(link)!.className, "card");
  assert.notEqual(page.querySelector(".card details.command"), null, "a long command is folded");
  assert.match(page.querySelector(".graph")!.textContent, /sink · not written/);
});

/** The page of a run of local commands that ended as given. */
function readStages(
  facts: readonly Partial<StageResult>[],
  end: Partial<RunEnd & { result: Partial<Result>; error: unknown }> = {},
  sink = 'file("out")',
) {
  const stages = facts.map((fact, index): StageResult => ({
    ...{ argv: [`command-${index + 1}`], runner: "local", durationMs: 0, stderrTail: "" },
    ...fact.signal === undefined && { code: 0 },
    ...fact,
  }));
  const result = { ok: false, code: 1, timedOut: false, stages, ...end.result };
  return read([recorded(
    stages.map((result, stage) => [1, { type: "end", stage, result }]),
    [100, "error" in end ? { error: end.error } : { result }],
    {
      source: "empty()",
      stages: stages.map(({ argv, runner }) => ({ argv, runner })),
      edges: ["null", ...stages.map(() => "pipe" as const)],
      sink,
    },
  )]);
}

/** A page of a fan-out whose output is discarded. */
function readItems(items: readonly { item: Json; source: string; argv: string[]; code: number }[]) {
  const outlines = items.map(({ source, argv }) => ({
    source,
    stages: [{ runner: "local", argv }],
    edges: ["file", "stream"] as const,
    sink: "the output of the item",
  }));
  const results = items.map(({ item, argv, code }, index): ItemResult => {
    const stage = { argv, runner: "local", code, durationMs: 1, stderrTail: `why ${index}\n` };
    const status = code === 0 ? "succeeded" : "failed";
    const result = { ok: code === 0, code, timedOut: false, stages: [stage] };
    return { index, item, status, attempts: 1, durationMs: 1, result };
  });
  const events = results.flatMap(({ index, status, result }): [number, RunEvent][] => {
    const base = { type: "item", index, of: items.length, attempt: 1 } as const;
    const ended = { type: "end", stage: 0, result: result!.stages[0]! } as const;
    return [
      [index, { ...base, event: { type: "begin" } }],
      [index + 1, { ...base, event: ended }],
      [index + 1, { ...base, event: { type: "settled", status } }],
    ];
  });
  return read([recorded(
    events,
    [items.length + 1, {
      result: { ok: false, code: 1, timedOut: false, stages: [], items: results },
    }],
    { source: "each()", stages: [], edges: ["stream"], sink: "discard()", items: outlines },
  )]);
}

Deno.test("last words are the visible part of stderr: no colours, no blank lines, and the end of a long line", () => {
  const stderrTail = `progress 1\rprogress 2\r\n\x1b[31mbad: ${"x".repeat(2000)} end\n\x1b[0m\r\n`;
  const page = readStages([{ code: 1, stderrTail }]);
  const words = page.querySelector(".failure pre")!.textContent;
  assert.match(words, /^bad: x+ … x+ end$/);
  assert.ok(words.length < 500, `${words.length}`);
  const [all] = page.querySelectorAll(".card pre.tail");
  assert.match(all!.textContent, /^progress 1\nprogress 2\nbad: x/);
});

Deno.test("a stage that a time limit stopped is not shown as failed", () => {
  const stages = [{ code: 0 }, { signal: "SIGTERM" as const }, { code: 7 }];
  const late = readStages(stages.slice(0, 2), { result: { timedOut: true, code: 124 } });
  assert.match(late.querySelector(".failure")!.textContent, /Stage 2 was stopped: SIGTERM/);
  const aborted = readStages(stages.slice(0, 2), { error: new DOMException("over", "AbortError") });
  assert.match(aborted.querySelector(".failure")!.textContent, /Stage 2 was stopped: SIGTERM/);
  assert.match(aborted.querySelector("main > .error")!.textContent, /over/);
  const own = readStages(stages, { result: { timedOut: true, code: 124 } });
  assert.match(own.querySelector(".failure")!.textContent, /Stage 3 failed: .*7.*Also: stage 2/s);
  const killed = readStages([{ signal: "SIGTERM" }]);
  assert.match(killed.querySelector(".failure")!.textContent, /Stage 1 failed: SIGTERM/);
});

Deno.test("the first screen names the failed command of a chain, and other failed stages", () => {
  const failedLink = { of: 3, number: 2, argv: ["make", "all"] };
  const page = readStages([{ code: 2, failedLink }, {}, { code: 3 }]);
  const box = page.querySelector(".failure")!;
  assert.match(box.textContent, /Stage 1 failed in command 2 of 3, make: exit code 2/);
  assert.match(box.querySelector(".others")!.textContent, /Also: stage 3 \(exit code 3\)/);
  const links = [...box.querySelectorAll("a")].map((link) => link.getAttribute("href")!);
  assert.deepEqual(links.map((link) => page.querySelector(link)?.className), ["card", "card"]);
});

for (const end of ["source", "sink"] as const) {
  Deno.test(`a failed ${end} is named on the first screen, and marked in the graph`, () => {
    const error = new EndpointError("cannot use it", end);
    const page = readStages([{}], { error }, "stream()");
    assert.match(page.querySelector(".failure")!.textContent, new RegExp(`The ${end} failed`));
    assert.equal(page.querySelector(".failure pre")!.textContent, "cannot use it");
    const marked = [...page.querySelectorAll(".graph.wide .node.failed")];
    assert.deepEqual(marked.map((node) => node.querySelector(".facts")!.textContent), [
      `${end} · failed`,
    ]);
  });
}

Deno.test("a run whose error is also that of its stage has no second box", () => {
  const result = { ok: false, code: 1, timedOut: false, stages: [] };
  const page = readStages([{ code: 1 }], { error: new CommandError(result) });
  assert.equal(page.querySelectorAll(".failure, main > .error").length, 1);
});

Deno.test("items with the same commands are named by their values, or else by their sources", () => {
  const items = ["one", "two"].map((name) => ({
    ...{ item: name, source: `file("${name}")`, argv: ["sum"], code: 0 },
  }));
  const titles = (page: ReturnType<typeof read>) =>
    [...page.querySelectorAll("details.run > summary > code")].map((code) => code.textContent);
  assert.deepEqual(titles(readItems(items)), ["0: one", "1: two"]);
  const same = items.map((item) => ({ ...item, item: 0 }));
  assert.deepEqual(titles(readItems(same)), ['0: file("one")', '1: file("two")']);
  const own = items.map((item) => ({ ...item, argv: ["sum", item.item] }));
  assert.deepEqual(titles(readItems(own)), ["0: sum one", "1: sum two"]);
});

Deno.test("of many items the failed ones come first, unfolded, and have a bar", () => {
  const failed = [280, 290, 299];
  const page = readItems(Array.from({ length: 300 }, (_, index) => ({
    ...{ item: index, source: "empty()", argv: ["do", `${index}`] },
    code: failed.includes(index) ? 1 : 0,
  })));
  const box = page.querySelector(".failure")!;
  assert.match(box.textContent, /Item 280 \(the first of 3 that failed\):\s+stage 1 failed/);
  assert.equal(box.querySelector("pre")!.textContent, "why 280");
  for (const link of box.querySelectorAll("a")) {
    assert.notEqual(
      page.querySelector(
        `details[open]${link.getAttribute("href")}, details[open] ${link.getAttribute("href")}`,
      ),
      null,
    );
  }
  const runs = [...page.querySelectorAll("details.run > summary > code")];
  assert.deepEqual(runs.slice(0, 4).map((code) => code.textContent.split(":")[0]), [
    ...["280", "290", "299", "0"],
  ]);
  const rows = [...page.querySelectorAll(".facts.items + .timeline li.failed code")];
  assert.deepEqual(rows.map((code) => code.textContent.split(":")[0]), ["280", "290", "299"]);
  assert.match(
    page.querySelector(".facts.items + .timeline .legend")!.textContent,
    /^250 more are not in/,
  );
  assert.match(page.querySelector(".node.failed .facts")!.textContent, /source · 3 failed/);
});

Deno.test("the marks of a timeline differ, and leave room for their labels", () => {
  const marks = [...readStages([{}]).querySelectorAll(".axis span")].map((mark) => ({
    words: mark.textContent,
    left: parseFloat(mark.getAttribute("style")!.slice("left:".length)),
  }));
  assert.equal(new Set(marks.map(({ words }) => words)).size, marks.length);
  assert.ok(marks.length > 2 && marks.every(({ left }) => left <= 80), JSON.stringify(marks));
  const short = read([
    recorded([], [2, { result: { ok: true, code: 0, timedOut: false, stages: [] } }]),
  ]);
  const words = [...short.querySelectorAll(".axis span")].map((mark) => mark.textContent);
  assert.equal(new Set(words).size, words.length, words.join());
});

Deno.test("a command is shown with its control characters visible, and on one line in the timeline", () => {
  const page = readStages([{ argv: ["printf", "\x1b[31m\r", "a\nb"] }]);
  const shown = String.raw`printf $'\033[31m\015' 'a`;
  assert.equal(page.querySelector(".card h4 code")!.textContent, `${shown}\nb'`);
  assert.equal(page.querySelector(".timeline code")!.textContent, `${shown} b'`);
});

Deno.test("the graph shows the ending of a stage in full, also the longest one", () => {
  for (const facts of [{ code: 127 }, { signal: "SIGVTALRM" as const }]) {
    const page = readStages([{ ...facts, runner: "docker" }]);
    const shown = page.querySelectorAll(".graph.wide .node .facts")[1]!.textContent;
    assert.doesNotMatch(shown, /…/);
  }
});

Deno.test("a long graph has rows of four nodes that do not overlap, on a wide screen", () => {
  const page = readStages(Array.from({ length: 8 }, () => ({})));
  const placed = (graph: string) =>
    [...page.querySelectorAll(`${graph} .node rect`)].map((rect) =>
      ["x", "y"].map((name) => Number(rect.getAttribute(name)))
    );
  const wide = placed(".graph.wide");
  assert.equal(wide.length, 10);
  assert.equal(new Set(wide.map(String)).size, 10);
  assert.equal(new Set(wide.map(([x]) => x)).size, 4);
  assert.equal(new Set(placed(".graph.narrow").map(([x]) => x)).size, 1);
  const view = page.querySelector(".graph.wide svg")!.getAttribute("viewBox")!.split(" ");
  assert.ok(Number(view[2]) < 960, "it is as wide as the page at most, so that it is not scaled");
  assert.equal(page.querySelectorAll(".graph.wide .edge").length, 9);
});
