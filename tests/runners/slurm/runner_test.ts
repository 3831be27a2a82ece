// Tests what is specific to Slurm: the queue, jobs that are ended from outside, and several
// commands that need nodes at once.

import assert from "node:assert/strict";
import {
  type RunEvent,
  RunnerError,
  slurm,
  type SlurmOptions,
  stream,
  text,
} from "../../../mod.ts";
import { EXECVM, execvm } from "../../support/cli.ts";
import { eventually } from "../../support/eventually.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../../support/processes.ts";
import {
  clusterInUse,
  NODE_CPUS,
  SLURM,
  slurmSays,
  startCluster,
  useCluster,
} from "../../support/slurm.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { isFile, needs } from "../../support/tools.ts";

await useCluster();

/** A generous limit for all waits, in milliseconds. */
const SOON_MS = 30_000;

/** All processors of a node. */
const WHOLE: SlurmOptions = { cpus: NODE_CPUS };

function test(name: string, fn: () => Promise<void>, ignore = false): void {
  const needed = needs(name, ...SLURM);
  Deno.test({ ...needed, ignore: ignore || needed.ignore === true, fn });
}

/** Runs a command that cannot run, and returns the error. */
async function failureOf(options: SlurmOptions): Promise<RunnerError> {
  const error: unknown = await slurm(options).cmd("true").run().catch((error) => error);
  assert.ok(error instanceof RunnerError, String(error));
  return error;
}

/** Returns the jobs that are not over. */
async function jobs(): Promise<string[]> {
  const said = await slurmSays(clusterInUse(), "squeue", "-h", "-o", "%i %j %T");
  return said.split("\n").filter((line) => line !== "");
}

/** Resolves once no job is left. */
async function noJobs(): Promise<void> {
  await eventually(jobs, ({ length }) => length === 0, SOON_MS);
}

/** Occupies both nodes until it is disposed. */
async function fillCluster(): Promise<AsyncDisposable> {
  await noJobs();
  const { stream: input, end } = openInput();
  const hold = () => slurm(WHOLE).cmd("sh", "-c", "cat; sleep 1000");
  const aborter = new AbortController();
  const running = phases("running");
  const options = { signal: aborter.signal, onEvent: running.onEvent };
  const run = stream(input).pipe(hold()).pipe(hold()).run(options);
  run.catch(() => {});
  await eventually(() => running.seen, (seen) => seen.includes("running"), SOON_MS);
  return {
    async [Symbol.asyncDispose]() {
      end();
      aborter.abort();
      await run.catch(() => {});
      await noJobs();
    },
  };
}

/** Makes an empty stream that ends on demand. */
function openInput(): { stream: ReadableStream<Uint8Array>; end: () => void } {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  return { stream: readable, end: () => void writable.close().catch(() => {}) };
}

/** Collects the phases of a run; resolves once the one with a given name is reported. */
function phases(name: string) {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const seen: string[] = [];
  const onEvent = (event: RunEvent) => {
    if (event.type !== "phase") return;
    seen.push(event.phase);
    if (event.phase === name) resolve(event.detail);
  };
  return { seen, told: promise, onEvent };
}

test("a command's node is reported", async () => {
  const { told, onEvent } = phases("running");
  const node = await slurm().cmd("printenv", "SLURMD_NODENAME").text({ onEvent });
  assert.equal(await told, node);
});

test("a queued job is reported with the reason, and then runs", async () => {
  const full = await fillCluster();
  const { seen, told, onEvent } = phases("queued");
  const output = slurm(WHOLE).cmd("echo", "at last").text({ onEvent });
  assert.match((await told)!, /^(Resources|Priority)$/);
  await full[Symbol.asyncDispose]();
  assert.equal(await output, "at last");
  assert.deepEqual(seen.filter((phase, index) => phase !== seen[index - 1]), ["queued", "running"]);
});

test("an abort removes a waiting job from the queue", async () => {
  await using _full = await fillCluster();
  const { told, onEvent } = phases("queued");
  const aborter = new AbortController();
  const before = await jobs();
  const run = slurm(WHOLE).cmd("true").run({ signal: aborter.signal, onEvent });
  await told;
  aborter.abort();
  await assert.rejects(run, { name: "AbortError" });
  await eventually(jobs, ({ length }) => length === before.length, SOON_MS);
});

test("a time limit also ends a command that waits in the queue", async () => {
  await using _full = await fillCluster();
  const before = await jobs();
  const { code } = await slurm(WHOLE).cmd("true").run({ timeoutMs: 2000, check: false });
  assert.equal(code, 124);
  await eventually(jobs, ({ length }) => length === before.length, SOON_MS);
});

test("the stages of a pipeline run at once, in one job", async () => {
  const show = () => slurm(WHOLE).cmd("sh", "-c", 'cat; echo "$SLURM_JOB_ID $SLURMD_NODENAME"');
  const [first, second, ...rest] = await text("").pipe(show()).pipe(show()).lines();
  const [id, node] = first!.split(" ");
  assert.equal(second!.split(" ")[0], id);
  assert.notEqual(second!.split(" ")[1], node);
  assert.deepEqual(rest, []);
  await noJobs();
});

test("a pipeline that needs more nodes than exist fails, and holds none", async () => {
  const cat = () => slurm(WHOLE).cmd("cat");
  const run = text("x").pipe(cat()).pipe(cat()).pipe(cat()).run();
  await assert.rejects(run, {
    name: "RunnerError",
    message: /can never grant what its job requests/,
  });
  await noJobs();
});

test("a pipeline whose stages cannot run at once waits as a whole, and does not block others", async () => {
  const full = await fillCluster();
  const cat = () => slurm(WHOLE).cmd("cat");
  const waiting = [phases("queued"), phases("queued")];
  const runs = waiting.map(({ onEvent }) => text("x").pipe(cat()).pipe(cat()).text({ onEvent }));
  await Promise.all(waiting.map(({ told }) => told));
  await full[Symbol.asyncDispose]();
  assert.deepEqual(await Promise.all(runs), ["x", "x"]);
  await noJobs();
});

test("stages that request different jobs wait for one another no longer than the limit", async () => {
  const queueTimeoutMs = 3000;
  const cat = (cpus: number) => slurm({ cpus, queueTimeoutMs }).cmd("cat");
  const run = text("x").pipe(cat(8)).pipe(cat(8)).pipe(cat(7)).run();
  await assert.rejects(run, { name: "RunnerError", message: /still queued after 3 s \(/ });
  await noJobs();
});

test("an abort while stages wait for their job leaves nothing", async () => {
  await using _full = await fillCluster();
  const before = await jobs();
  const { told, onEvent } = phases("queued");
  const cat = () => slurm(WHOLE).cmd("cat");
  const aborter = new AbortController();
  const run = text("x").pipe(cat()).pipe(cat()).run({ signal: aborter.signal, onEvent });
  await told;
  aborter.abort();
  await assert.rejects(run, { name: "AbortError" });
  await eventually(jobs, ({ length }) => length === before.length, SOON_MS);
});

test("commands run in an existing job, several at once", async () => {
  const { told, onEvent } = phases("running");
  const aborter = new AbortController();
  const options = { signal: aborter.signal, onEvent };
  const holder = slurm(WHOLE).cmd("sleep", "1000").run(options);
  holder.catch(() => {});
  await told;
  const [job] = (await jobs())[0]!.split(" ");
  const show = () => slurm({ job: job! }).cmd("sh", "-c", 'cat; echo "$SLURM_JOB_ID"');
  assert.deepEqual(await text("").pipe(show()).pipe(show()).lines(), [job, job]);
  aborter.abort();
  await assert.rejects(holder, { name: "AbortError" });
  await noJobs();
});

test("a command's own messages and codes are not taken for those of srun", async () => {
  const script = "echo 'srun: error: n1: task 0: Exited with exit code 4' >&2; exit 1";
  const { stages } = await slurm().cmd("sh", "-c", script).run({ check: false });
  assert.deepEqual([stages[0]!.code, stages[0]!.stderrTail], [
    1,
    "srun: error: n1: task 0: Exited with exit code 4\n",
  ]);
});

test("half a line of output arrives at once", async () => {
  const { stream: input, end } = openInput();
  const seen = Promise.withResolvers<string>();
  const sink = new WritableStream<Uint8Array>({
    write: (chunk) => seen.resolve(new TextDecoder().decode(chunk)),
  });
  const run = stream(input).pipe(slurm().cmd("sh", "-c", "printf half; cat")).to(stream(sink))
    .run();
  assert.equal(await seen.promise, "half");
  end();
  await run;
});

test("background processes end with the command, and keep nothing open", async () => {
  const mark = newMark();
  const command = slurm().cmd("sh", "-c", "sleep 1000 & echo done").env({ [MARK_VARIABLE]: mark });
  assert.equal(await command.text(), "done");
  await eventually(() => processesWith(mark), ({ length }) => length === 0, SOON_MS);
});

test("a command that writes no more goes on without a reader", async () => {
  const script = "echo line; exec >&2; sleep 2; echo finished >&2";
  const { stages } = await slurm().cmd("sh", "-c", script).pipe(slurm().cmd("head", "-1")).run();
  assert.deepEqual([stages[0]!.code, stages[0]!.stderrTail], [0, "finished\n"]);
});

test("a command goes on if its stderr has no reader", async () => {
  using folder = tempDir();
  const script = 'echo one >&2; sleep 0.5; echo two >&2; sleep 0.5; echo done >"$0"';
  const args = ["run", "-r", "slurm", "--", "sh", "-c", script, `${folder.path}/file`];
  const unread = ["-c", '{ "$@" 2>&1 >&3 | true; } 3>&1', "sh", ...EXECVM, ...args];
  await new Deno.Command("sh", { args: unread }).output();
  assert.equal(Deno.readTextFileSync(`${folder.path}/file`), "done\n");
});

test("a time limit ends a command whose stderr is not read", async () => {
  const times = ["--timeout", "2s", "--kill-after", "1s"];
  const run = ["run", ...times, "-r", "slurm", "--", "sh", "-c", "exec yes >&2"];
  const child = new Deno.Command(EXECVM[0], {
    args: [...EXECVM.slice(1), ...run],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const { code } = await child.status;
  await child.stderr.cancel();
  assert.equal(code, 124);
  await noJobs();
});

test("a command goes on if its stderr cannot be written", async () => {
  const run = [...EXECVM, "run", "-r", "slurm", "--", "sh", "-c", "echo e >&2; sleep 1; exit 4"];
  const toFull = ["-c", 'exec "$@" 2>/dev/full', "sh", ...run];
  const { code } = await new Deno.Command("sh", { args: toFull }).output();
  assert.equal(code, 4);
});

test("output that cannot be written is an error, and no job is left", async () => {
  const run = [...EXECVM, "run", "-r", "slurm", "--", "yes"];
  const toFull = ["-c", 'exec "$@" >/dev/full', "sh", ...run];
  const { code, stderr } = await new Deno.Command("sh", { args: toFull }).output();
  assert.equal(code, 125);
  assert.match(
    new TextDecoder().decode(stderr),
    /^execvm: cannot run on Slurm: its output cannot be written: the disk is full\n$/,
  );
  await noJobs();
});

test("an abort ends a command whose output waits for a reader that does not read", async () => {
  const { told, onEvent } = phases("running");
  const aborter = new AbortController();
  const stuck = Promise.withResolvers<void>();
  // More than the sink and its pipe take, but less than all pipes on the way hold, so that srun
  // ends.
  const sink = new WritableStream({ write: () => stuck.promise });
  const run = slurm().cmd("sh", "-c", "yes | head -c 1900000").to(stream(sink))
    .run({ onEvent, signal: aborter.signal });
  run.catch(() => {});
  await told;
  await noJobs();
  aborter.abort();
  await assert.rejects(run, { name: "AbortError" });
  stuck.resolve();
});

test("an abort leaves no job of a command that writes on and on to a stuck reader", async () => {
  using folder = tempDir();
  const file = `${folder.path}/written`;
  const aborter = new AbortController();
  const stuck = Promise.withResolvers<void>();
  const sink = new WritableStream({ write: () => stuck.promise });
  // Enough to block srun, which would then wait for its reader forever.
  const script = 'yes | head -c 1900000; echo >"$0"; exec yes';
  const run = slurm().cmd("sh", "-c", script, file).to(stream(sink))
    .run({ signal: aborter.signal });
  run.catch(() => {});
  await eventually(() => isFile(file), Boolean, SOON_MS);
  aborter.abort();
  await assert.rejects(run, { name: "AbortError" });
  await noJobs();
  stuck.resolve();
});

for (const flags of [[], ["--deny-ffi"]]) {
  const name = `a time limit ends a command with a stuck reader, by execvm ${flags}`;
  const ignore = flags.length > 0 && EXECVM.length === 1; // a compiled execvm has fixed permissions
  const args = ["run", "--timeout", "2s", "-r", "slurm", "--", "yes"];
  const [program, ...rest] = EXECVM.toSpliced(2, 0, ...flags);
  test(name, async () => {
    const child = new Deno.Command(program!, {
      args: [...rest, ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const { code } = await child.status;
    await child.stdout.cancel();
    assert.equal(code, 124);
    await noJobs();
  }, ignore);
}

test("a job that is cancelled from outside is an error", async () => {
  const { told, onEvent } = phases("running");
  const run = slurm().cmd("sleep", "1000").run({ onEvent });
  run.catch(() => {});
  await told;
  await slurmSays(clusterInUse(), "scancel", (await jobs())[0]!.split(" ")[0]!);
  await assert.rejects(run, { name: "RunnerError", message: /its job was cancelled/ });
  await noJobs();
});

test("a node that goes down is an error, not a code of the command", async () => {
  using cluster = await startCluster("SlurmdTimeout=5");
  using _use = cluster.use();
  const { told, onEvent } = phases("running");
  const run = slurm().cmd("sleep", "1000").run({ onEvent });
  run.catch(() => {});
  await cluster.kill((await told)!);
  await assert.rejects(run, { name: "RunnerError", message: /its node went down/ });
});

const REFUSED: readonly (readonly [SlurmOptions, RegExp])[] = [
  [{ partition: "nope" }, /^cannot run on Slurm: .*Invalid partition.* sinfo /],
  [{ cpus: 1000 }, /^cannot run on Slurm: .*(configuration is not available|can never grant)/],
  [{ constraint: "nope" }, /^cannot run on Slurm: .*Invalid feature/],
  [{ options: { "no-such-option": "1" } }, /^cannot run on Slurm: .*no-such-option/],
  [{ job: "999999" }, /^cannot run on Slurm: .*Invalid job id/],
];

for (const [options, message] of REFUSED) {
  test(`${JSON.stringify(options)} is refused with a one-line message`, async () => {
    const error = await failureOf(options);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /\n/);
  });
}

test("execvm run -r slurm passes on the streams and the status of the command", async () => {
  const args = ["run", "-r", "slurm:all", "--cpus", "2", "--memory", "10M", "--env", "WHO=me"];
  const script = 'echo "$WHO $SLURM_JOB_PARTITION $SLURM_CPUS_PER_TASK"; cat; exit 9';
  const run = await execvm([...args, "--", "sh", "-c", script], { stdin: "typed" });
  assert.deepEqual(run, { code: 9, stdout: "me all 2\ntyped", stderr: "" });
});

test("execvm run exits with 125 and one line if Slurm refuses", async () => {
  const { code, stderr } = await execvm(["run", "-r", "slurm:nope", "--", "true"]);
  assert.equal(code, 125);
  assert.match(stderr, /^execvm: cannot run on Slurm: .*\n$/);
});
