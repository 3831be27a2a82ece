// Rows on the life of a run: how it is ended, and that it leaves nothing behind.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  file,
  type Pipeline,
  type Result,
  type Runner,
  type RunOptions,
  stream,
} from "../../mod.ts";
import { eventually, patient } from "../support/eventually.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../support/processes.ts";
import { openDir } from "../support/open_dir.ts";
import { tempDir } from "../support/temp_dir.ts";
import type { Row, Subject } from "./row.ts";

const RUN_PIPELINE = fileURLToPath(new URL("../fixtures/run_pipeline.ts", import.meta.url));
const START_PIPELINE = fileURLToPath(new URL("../fixtures/start_pipeline.ts", import.meta.url));

/** Prints that it is ready, then does not end; nor does its background child. */
const LAST = "sleep 1000 & echo ready; sleep 1000";

async function nothingLeft(subject: Subject, mark: string, limitMs: number): Promise<void> {
  const left = async () => [...await processesWith(mark), ...await subject.leftovers?.(mark) ?? []];
  await eventually(left, (found) => found.length === 0, limitMs);
}

/** Starts a script that lasts, and resolves once it has printed that it is ready. */
async function startLasting(
  runner: Runner,
  script: string,
  mark: string,
  options: RunOptions,
): Promise<{ readonly run: Promise<Result> }> {
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const sink = new WritableStream<Uint8Array>({ write: () => resolve() });
  const command = runner.cmd("sh", "-c", script).env({ [MARK_VARIABLE]: mark });
  const run = command.to(stream(sink)).run(options);
  await Promise.race([ready, run]);
  return { run };
}

/** Starts a separate Deno that runs a pipeline, with at most our own permissions. */
function runApart(
  pipeline: Pipeline,
  mark: string,
  { script = RUN_PIPELINE, env = {} }: { script?: string; env?: Record<string, string> } = {},
): Deno.ChildProcess {
  const ffi = Deno.permissions.querySync({ name: "ffi" }).state === "granted";
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...ffi ? [] : ["--deny-ffi"], script, JSON.stringify(pipeline)],
    env: { ...env, [MARK_VARIABLE]: mark },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

/** When execvm is killed: so many milliseconds after it has printed something. */
interface Moment {
  readonly words: string;
  readonly afterMs: number;
}

/** Returns moments from before the first process exists until all run. */
function moments(subject: Subject): readonly Moment[] {
  const steps = Array.from({ length: 11 }, (_, step) => 10 * step);
  const [starting, running] = subject.isSlow === true
    ? [[0, 20, 100, 300, 1000], [0, 40]]
    : [steps, steps];
  return [
    ...starting.map((afterMs) => ({ words: "starting\n", afterMs })),
    ...running.map((afterMs) => ({ words: "ready\n", afterMs })),
  ];
}

/**
 * Runs two commands that write a file, in a folder that is also TMPDIR, and kills execvm at a
 * moment.
 */
async function killAt({ words, afterMs }: Moment, subject: Subject, mark: string): Promise<void> {
  using folder = openDir();
  const runner = subject.runner();
  const marked = (script: string) => runner.cmd("sh", "-c", script).env({ [MARK_VARIABLE]: mark });
  const pipeline = marked(LAST).pipe(marked('read line; echo "$line" >&2; cat'))
    .to(file(`${folder.path}/out`));
  const env = { TMPDIR: folder.path };
  const driver = runApart(pipeline, mark, { script: START_PIPELINE, env });
  await hasSaid(driver, words);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  driver.kill("SIGKILL");
  await driver.status;
  await nothingLeft(subject, mark, 5000);
  const names = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name);
  await eventually(names, (found) => found.length === 0, 5000);
}

/** Resolves when the process has written these words to stderr; fails if it ends before. */
async function hasSaid(process: Deno.ChildProcess, words: string): Promise<void> {
  const reader = process.stderr.pipeThrough(new TextDecoderStream()).getReader();
  for (let said = ""; !said.includes(words);) {
    const { done, value } = await reader.read();
    assert.equal(done, false, `it ended after ${JSON.stringify(said)}`);
    said += value;
  }
  await reader.cancel();
}

export const LIFETIME_ROWS: readonly Row[] = [
  {
    name: "an AbortSignal ends it within 2 s and leaves nothing behind",
    async check(subject) {
      const mark = newMark();
      const aborter = new AbortController();
      const reason = new Error("enough");
      const { run } = await startLasting(subject.runner(), LAST, mark, { signal: aborter.signal });
      const before = performance.now();
      aborter.abort(reason);
      await assert.rejects(run, reason);
      assert.ok(performance.now() - before < patient(2000));
      await nothingLeft(subject, mark, 2000);
    },
  },
  {
    name: "a command that ignores SIGTERM is ended all the same",
    async check(subject) {
      const mark = newMark();
      const aborter = new AbortController();
      const stubborn = "trap '' TERM; echo ready; while :; do sleep 1000; done";
      const options = { signal: aborter.signal };
      const { run } = await startLasting(subject.runner(), stubborn, mark, options);
      const before = performance.now();
      aborter.abort();
      await assert.rejects(run, { name: "AbortError" });
      assert.ok(performance.now() - before < patient(2000));
      await nothingLeft(subject, mark, 2000);
    },
  },
  {
    name: "timeoutMs ends it with code 124 and leaves nothing behind",
    async check(subject) {
      const mark = newMark();
      const options = { timeoutMs: 1500, check: false };
      const { run } = await startLasting(subject.runner(), LAST, mark, options);
      const result = await run;
      assert.deepEqual([result.ok, result.code, result.timedOut], [false, 124, true]);
      assert.ok(result.stages[0]!.durationMs < patient(3500));
      await nothingLeft(subject, mark, 2000);
    },
  },
  {
    name: "killing execvm with SIGKILL leaves no process and no file after 5 s",
    async check(subject) {
      const mark = newMark();
      using folder = tempDir();
      Deno.writeTextFileSync(`${folder.path}/out`, "before");
      const runner = subject.runner();
      const marked = (script: string) =>
        runner.cmd("sh", "-c", script).env({ [MARK_VARIABLE]: mark });
      const pipeline = marked(LAST).pipe(marked('read line; echo "$line" >&2; cat'))
        .to(file(`${folder.path}/out`));
      const driver = runApart(pipeline, mark);
      await hasSaid(driver, "ready\n");
      driver.kill("SIGKILL");
      await driver.status;
      await nothingLeft(subject, mark, 5000);
      const names = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name);
      await eventually(names, (found) => found.length === 1, 5000);
      assert.equal(Deno.readTextFileSync(`${folder.path}/out`), "before");
    },
  },
  {
    name: "killing execvm with SIGKILL while it starts leaves no process and no file after 5 s",
    async check(subject) {
      const marks: string[] = [];
      for (const moment of moments(subject)) {
        marks.push(newMark());
        await killAt(moment, subject, marks.at(-1)!);
      }
      // What was requested of other programs, such as an engine, may have been created after that.
      for (const mark of marks) await nothingLeft(subject, mark, 5000);
    },
  },
  {
    name: "many at once do not disturb each other",
    async check(subject) {
      const runner = subject.runner();
      const length = subject.isSlow === true ? 4 : 64;
      const numbers = Array.from({ length }, (_, index) => String(index));
      const outputs = await Promise.all(
        numbers.map((N) => runner.cmd("sh", "-c", "cat; echo $N", "sh").env({ N }).text()),
      );
      assert.deepEqual(outputs, numbers);
    },
  },
];
