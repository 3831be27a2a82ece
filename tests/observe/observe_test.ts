import assert from "node:assert/strict";
import { DOMParser } from "npm:linkedom@0.18.14";
import {
  cmd,
  each,
  file,
  gzip,
  type ItemEvent,
  observe,
  type RunObserver,
  text,
} from "../../mod.ts";
import { type ItemSpan, recordRuns } from "../../src/observe/timeline.ts";
import { tempDir } from "../support/temp_dir.ts";
import { checkTrace } from "./check_trace.ts";
import { goodRun } from "./fixture.ts";

/** The names of a folder, sorted. */
function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("observe() writes a trace and a report of all runs when it is disposed", async () => {
  using folder = tempDir();
  const [trace, report] = [`${folder.path}/trace.json`, `${folder.path}/report.html`];
  {
    await using observer = await observe({ trace, report });
    const count = text("four").pipe(cmd("sh", "-c", "echo said >&2; wc -c"));
    const runs = [count.text({ observer }), count.pipe(gzip()).bytes({ observer })];
    assert.equal((await runs[0])!.toString(), "4");
    await runs[1];
  }
  const { traceEvents } = checkTrace(Deno.readTextFileSync(trace));
  assert.deepEqual(new Set(traceEvents.map(({ pid }) => pid)), new Set([1, 2]));
  const page = Deno.readTextFileSync(report);
  assert.match(page, /2 runs/);
  assert.match(page, /<pre class="tail" tabindex="0">said<\/pre>/);
  assert.deepEqual(names(folder.path), ["report.html", "trace.json"]);
});

Deno.test("observe() fails if a file cannot be written, and leaves nothing of the other", async () => {
  using folder = tempDir();
  const files = {
    trace: `${folder.path}/trace.json`,
    report: `${folder.path}/missing/report.html`,
  };
  await assert.rejects(observe(files), { message: /^cannot write ".*report\.html": / });
  assert.deepEqual(names(folder.path), []);
});

Deno.test("existing files stay unchanged until observe() is disposed", async () => {
  using folder = tempDir();
  const trace = `${folder.path}/trace.json`;
  Deno.writeTextFileSync(trace, "before");
  {
    await using observer = await observe({ trace });
    await cmd("true").run({ observer });
    assert.equal(Deno.readTextFileSync(trace), "before");
  }
  checkTrace(Deno.readTextFileSync(trace));
});

Deno.test("an observer receives the outline, the events and the end of a run", async () => {
  const heard: unknown[] = [];
  const observer: RunObserver = {
    begin({ source, stages, edges, sink }) {
      heard.push({ source, stages, edges, sink });
      return {
        event: ({ type }) => heard.push(type),
        end: (end) => heard.push("result" in end && end.result.code),
      };
    },
  };
  await cmd("sh", "-c", "exit 3").to(file("/dev/null")).run({ observer, check: false });
  assert.deepEqual(heard, [
    {
      source: "empty()",
      stages: [{ runner: "local", argv: ["sh", "-c", "exit 3"] }],
      edges: ["null", "file"],
      sink: 'file("/dev/null")',
    },
    "start",
    "end",
    3,
  ]);
});

Deno.test("an observer receives the error of a missing source", async () => {
  const heard: unknown[] = [];
  const observer: RunObserver = {
    begin: () => ({ event() {}, end: (end) => heard.push("error" in end && end.error) }),
  };
  const run = file("/not/there").pipe(cmd("cat")).run({ observer });
  const error = await run.catch((reason) => reason);
  assert.equal(error.name, "EndpointError");
  assert.deepEqual(heard, [error]);
});

Deno.test("an observer can read the bytes so far before, during and after the run", async () => {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/in`, "12345");
  const seen: unknown[] = [];
  const observer: RunObserver = {
    begin(_outline, bytesNow) {
      seen.push(bytesNow());
      return {
        event: ({ type }) => type === "end" && seen.push(bytesNow()),
        end: () => bytesNow(),
      };
    },
  };
  await file(`${folder.path}/in`).pipe(cmd("cat")).to(file(`${folder.path}/out`)).run({ observer });
  assert.deepEqual(seen, [[], [{ bytesIn: 5, bytesOut: 5 }]]);
});

Deno.test("observe() records each item of a fan-out as a run below it", async () => {
  using folder = tempDir();
  const [trace, report] = [`${folder.path}/trace.json`, `${folder.path}/report.html`];
  {
    await using observer = await observe({ trace, report });
    const fan = each([0, 3, 0], (code) => cmd("sh", "-c", `echo said ${code} >&2; exit ${code}`));
    await fan.pipe(cmd("cat")).run({ observer, check: false });
  }
  const { traceEvents } = checkTrace(Deno.readTextFileSync(trace));
  const titles = traceEvents.filter(({ name }) => name === "process_name")
    .map(({ args }) => String(args["name"]).split(": ")[1]);
  assert.deepEqual(titles, ["cat", "item 0", "item 1", "item 2"]);
  const stages = traceEvents.filter(({ name }) => name === "sh").map(({ args }) => args["code"]);
  assert.deepEqual(stages, [0, 3, 0]);
  const page = new DOMParser().parseFromString(Deno.readTextFileSync(report), "text/html");
  const items = [...page.querySelectorAll("details.run")];
  assert.deepEqual(items.map((item) => item.hasAttribute("open")), [true, false, false]);
  assert.equal(page.querySelectorAll(".track .bar.failed").length, 1);
  assert.match(items[0]!.textContent!, /exit code 3[^]*said 3/);
});

Deno.test("an item that was retried is recorded with its last attempt", () => {
  const items: ItemSpan[] = [];
  const watch = recordRuns((run) => items.push(...run.items)).begin(
    { source: "each", stages: [], edges: [], sink: "", items: [goodRun().outline] },
    () => [],
  );
  const onPhase = (attempt: number, event: ItemEvent["event"]) =>
    watch.event({ type: "item", index: 0, of: 1, attempt, event });
  for (const attempt of [1, 2]) {
    onPhase(attempt, { type: "begin" });
    onPhase(attempt, { type: "phase", stage: 0, phase: `phase ${attempt}` });
  }
  onPhase(2, { type: "settled", status: "cancelled" });
  watch.end({ error: new Error("it was ended") });
  const [{ status, attempts, run }] = items as [ItemSpan];
  assert.deepEqual([status, attempts], ["cancelled", 2]);
  assert.deepEqual(run!.stages[0]!.phases.map(({ phase }) => phase), ["phase 2"]);
});
