import assert from "node:assert/strict";
import { DOMParser } from "npm:linkedom@0.18.14";
import { RunnerError } from "../../src/model/errors.ts";
import { toReport } from "../../src/observe/report.ts";
import type { RunSpan } from "../../src/observe/timeline.ts";
import { goodRun, recorded, stageResult } from "./fixture.ts";

const HOSTILE =
  `"'><script>alert(1)</script><img src=x onerror=alert(2)>&lt;\u202e</style></title>]]>`;

/** What a page shows of text: nothing that reorders letters. */
const SHOWN = HOSTILE.replace("\u202e", "\u{fffd}");

function read(runs: readonly RunSpan[]) {
  return new DOMParser().parseFromString(toReport(runs), "text/html");
}

/** A run in which a machine fails. */
function failedRun(): RunSpan {
  const error = new RunnerError("Cannot boot the guest as it panicked", {
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

/** A run in which whatever can be anything is hostile. */
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

Deno.test("a report has the pipeline as a graph: source, stages and sink, and what joins them", () => {
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

Deno.test("a report of a machine that failed has its console, and how to reproduce it", () => {
  const page = read([failedRun()]);
  const [card] = page.querySelectorAll(".card");
  assert.match(card!.textContent!, /Kernel panic - not syncing <init>/);
  assert.match(card!.textContent!, /qemu-system-x86_64 -nodefaults/);
  assert.match(page.querySelector("main > .failure pre")!.textContent!, /Cannot boot the guest/);
});

Deno.test("a report of many runs lists them, and unfolds those that failed", () => {
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

Deno.test("a report of nothing says so", () => {
  assert.match(read([]).querySelector("h1")!.textContent!, /Nothing was run/);
});

Deno.test("whatever is in argv, stderr, console and names stays text", () => {
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

Deno.test("a report needs nothing beside itself, and may run no script", () => {
  const page = read([goodRun()]);
  assert.equal(page.querySelectorAll("[src], link, script, [href]").length, 0);
  const policy = page.querySelector("meta[http-equiv=Content-Security-Policy]")!;
  assert.match(policy.getAttribute("content")!, /^default-src 'none'/);
  assert.doesNotMatch(toReport([goodRun()]), /url\(|@import|https?:/);
});

Deno.test("the first screen says which stage failed, with its last words and a link to it", () => {
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
