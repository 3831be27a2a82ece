import assert from "node:assert/strict";
import {
  bytes,
  cmd,
  CommandError,
  cpio,
  discard,
  empty,
  EndpointError,
  file,
  gunzip,
  gzip,
  local,
  type Result,
  type RunEvent,
  RunnerError,
  stream,
  tar,
  text,
  untar,
  voidRunner,
} from "../../mod.ts";
import { closeOutput, readAll } from "../../src/io/edges.ts";
import { commandArgv } from "../../src/model/chain_argv.ts";
import { makeRunner } from "../../src/runners/contract/runner.ts";
import { tempDir } from "../support/temp_dir.ts";

function read(path: string): string {
  return Deno.readTextFileSync(path);
}

function names(path: string): string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
}

Deno.test("echo hello | wc -c is 6", async () => {
  assert.equal(await cmd("/bin/echo", "hello").pipe(cmd("/usr/bin/wc", "-c")).text(), "6");
});

Deno.test("text() drops one trailing newline, lines() splits, json() parses, bytes() returns all", async () => {
  assert.equal(await text("a\n\n").pipe(cmd("cat")).text(), "a\n");
  assert.deepEqual(await text("a\n\nb\n").pipe(cmd("cat")).lines(), ["a", "", "b"]);
  assert.deepEqual(await cmd("true").lines(), []);
  assert.deepEqual(await text('{"a":[1]}').json(), { a: [1] });
  assert.deepEqual(await bytes(Uint8Array.of(10)).pipe(cmd("cat")).bytes(), Uint8Array.of(10));
});

Deno.test("a pipeline can be run any number of times, also concurrently", async () => {
  const pipeline = text("x").pipe(cmd("wc", "-c"));
  assert.deepEqual(await Promise.all([pipeline.text(), pipeline.text()]), ["1", "1"]);
});

Deno.test("a file sink replaces the file once the pipeline has succeeded", async () => {
  using folder = tempDir();
  const out = `${folder.path}/out`;
  Deno.writeTextFileSync(out, "before");
  Deno.chmodSync(out, 0o640);
  await cmd("echo", "after").to(file(out)).run();
  assert.equal(read(out), "after\n");
  assert.equal(Deno.statSync(out).mode! & 0o777, 0o640);
  assert.deepEqual(names(folder.path), ["out"]);
});

Deno.test("a file sink leaves the file unchanged if the pipeline fails", async () => {
  using folder = tempDir();
  const out = `${folder.path}/out`;
  Deno.writeTextFileSync(out, "before");
  await assert.rejects(cmd("sh", "-c", "echo half; exit 1").to(file(out)).run(), CommandError);
  await cmd("sh", "-c", "echo half; exit 1").to(file(out)).run({ check: false });
  await assert.rejects(cmd("false").pipe(gzip()).to(file(out)).run(), CommandError);
  assert.equal(read(out), "before");
  assert.deepEqual(names(folder.path), ["out"]);
});

Deno.test("a file sink creates no file if the pipeline fails", async () => {
  using folder = tempDir();
  await assert.rejects(cmd("false").to(file(`${folder.path}/out`)).run(), CommandError);
  assert.deepEqual(names(folder.path), []);
});

Deno.test("a file sink follows a symbolic link, which stays a link", async () => {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/real`, "before");
  Deno.symlinkSync("real", `${folder.path}/link`);
  await cmd("echo", "after").to(file(`${folder.path}/link`)).run();
  assert.equal(read(`${folder.path}/real`), "after\n");
  assert.ok(Deno.lstatSync(`${folder.path}/link`).isSymlink);
});

Deno.test("a device as a file sink is written to, not replaced", async () => {
  await cmd("echo", "gone").to(file("/dev/null")).run();
  await text("gone").to(file("/dev/null")).run();
  assert.ok(Deno.statSync("/dev/null").isCharDevice);
});

Deno.test("the source may be the file that is written", async () => {
  using folder = tempDir();
  const path = `${folder.path}/list`;
  Deno.writeTextFileSync(path, "b\na\n");
  await file(path).pipe(cmd("sort")).to(file(path)).run();
  assert.equal(read(path), "a\nb\n");
});

Deno.test("a missing or invalid source or sink fails before anything starts", async () => {
  using folder = tempDir();
  const touched = `${folder.path}/touched`;
  const touch = cmd("touch", touched);
  const cases: [() => Promise<unknown>, RegExp][] = [
    [() => file(`${folder.path}/none`).pipe(touch).run(), /cannot read .*none.* no such file/],
    [() => file(folder.path).pipe(touch).run(), /cannot read .* it is a folder/],
    [() => tar(`${folder.path}/none`).pipe(touch).run(), /none/],
    [() => touch.to(file(`${folder.path}/no/out`)).run(), /cannot write .*no\/out/],
    [() => touch.to(file(folder.path)).run(), /cannot write .* it is a folder/],
    [() => touch.stderr(file(`${folder.path}/no/err`)).run(), /cannot write .*no\/err/],
  ];
  for (const [run, message] of cases) {
    await assert.rejects(run, (error) => {
      assert.ok(error instanceof EndpointError);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  }
  assert.deepEqual(names(folder.path), []);
});

Deno.test("a failing source ends the pipeline with its error, and nothing is written", async () => {
  using folder = tempDir();
  let chunks = 0;
  const failing = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (++chunks > 3) throw new Error("the disk is gone");
      controller.enqueue(new Uint8Array(10));
    },
  });
  const run = stream(failing).pipe(cmd("cat")).to(file(`${folder.path}/out`)).run();
  await assert.rejects(run, { name: "EndpointError", end: "source", message: "the disk is gone" });
  assert.deepEqual(names(folder.path), []);
});

Deno.test("a failing sink ends the pipeline with its error, even with an endless command", async () => {
  const failing = new WritableStream<Uint8Array>({
    write() {
      throw new Error("no room");
    },
  });
  const run = cmd("yes").to(stream(failing)).run();
  await assert.rejects(run, { name: "EndpointError", end: "sink", message: "no room" });
});

Deno.test("a stream sink is closed at the end, and aborted if the pipeline fails", async () => {
  const ends: string[] = [];
  const sink = () =>
    stream(
      new WritableStream<Uint8Array>({
        close: () => void ends.push("closed"),
        abort: () => void ends.push("aborted"),
      }),
    );
  await cmd("echo").to(sink()).run();
  await cmd("false").to(sink()).run({ check: false });
  assert.deepEqual(ends, ["closed", "aborted"]);
});

Deno.test("gzip, gunzip and cpio are stages between commands", async () => {
  assert.equal(await text("hello").pipe(gzip()).pipe(cmd("gzip", "-dc")).text(), "hello");
  assert.equal(await cmd("echo", "hello").pipe(cmd("gzip")).pipe(gunzip()).text(), "hello");
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/a`, "content");
  const list = tar("a", { directory: folder.path }).pipe(cpio()).pipe(
    cmd("cpio", "-it", "--quiet"),
  );
  assert.equal(await list.text(), "a");
});

Deno.test("a transform of invalid input is a failed stage", async () => {
  await assert.rejects(text("nonsense").pipe(gunzip()).bytes(), (error) => {
    assert.ok(error instanceof CommandError);
    assert.deepEqual([error.stage?.argv, error.stage?.runner, error.code], [["gunzip"], "js", 1]);
    assert.match(error.stage!.stderrTail, /gunzip/i);
    return true;
  });
});

Deno.test("tar | untar copies a tree, and creates nothing if the pipeline fails", async () => {
  using folder = tempDir();
  Deno.mkdirSync(`${folder.path}/in/sub`, { recursive: true });
  Deno.writeTextFileSync(`${folder.path}/in/sub/a`, "content");
  const pack = tar("in", { directory: folder.path, compress: "gzip" });
  await pack.pipe(cmd("gzip", "-dc")).to(untar(`${folder.path}/out`)).run();
  assert.equal(read(`${folder.path}/out/in/sub/a`), "content");
  const failing = pack.pipe(cmd("sh", "-c", "gzip -dc; exit 1")).to(untar(`${folder.path}/no`));
  await assert.rejects(failing.run(), CommandError);
  assert.deepEqual(names(folder.path), ["in", "out"]);
});

Deno.test("untar() reports input that is not an archive and leaves the folder unchanged", async () => {
  using folder = tempDir();
  await assert.rejects(text("x".repeat(2000)).to(untar(`${folder.path}/out`)).run(), {
    name: "EndpointError",
    end: "sink",
  });
  assert.deepEqual(names(folder.path), []);
});

Deno.test("the result has argv, runner, code, time, bytes and stderr of each stage", async () => {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/in`, "12345");
  const count = cmd("sh", "-c", "echo warn >&2; cat; exit 0");
  const result = await file(`${folder.path}/in`).pipe(count).pipe(gzip()).pipe(cmd("gzip", "-dc"))
    .to(file(`${folder.path}/out`)).run();
  const [first, second, third] = result.stages;
  assert.deepEqual([first!.argv[0], first!.runner, first!.code], ["sh", "local", 0]);
  assert.deepEqual([first!.bytesIn, first!.bytesOut, first!.stderrTail], [5, 5, "warn\n"]);
  assert.deepEqual([second!.argv, second!.runner, second!.bytesIn], [["gzip"], "js", 5]);
  assert.ok(second!.bytesOut! > 5 && second!.bytesOut === third!.bytesIn);
  assert.equal(third!.bytesOut, 5);
  assert.ok(result.stages.every(({ durationMs }) => durationMs > 0));
});

Deno.test("the bytes between two commands are not known", async () => {
  const { stages } = await cmd("echo").pipe(cmd("cat")).to(discard()).run();
  assert.ok(!("bytesOut" in stages[0]!) && !("bytesIn" in stages[1]!));
});

Deno.test("onEvent is called for each start and end", async () => {
  const events: RunEvent[] = [];
  await cmd("echo").pipe(gzip()).to(discard()).run({ onEvent: (event) => events.push(event) });
  const seen = events.map(({ type, stage }) => `${type} ${stage}`).sort();
  assert.deepEqual(seen, ["end 0", "end 1", "start 0", "start 1"]);
});

Deno.test("onEvent is called for the phases that a runner reports", async () => {
  const runner = makeRunner({
    kind: "slow",
    argv: commandArgv,
    async start(command, stdio, onPhase) {
      onPhase?.("queued", "there is no room");
      onPhase?.("running");
      return await local().start(command, stdio);
    },
  });
  const events: RunEvent[] = [];
  await runner.cmd("true").run({ onEvent: (event) => events.push(event) });
  assert.deepEqual(events.slice(0, 2), [
    { type: "phase", stage: 0, phase: "queued", detail: "there is no room" },
    { type: "phase", stage: 0, phase: "running" },
  ]);
});

Deno.test("an onEvent that throws ends the pipeline with its error", async () => {
  const run = cmd("sleep", "1000").run({
    onEvent() {
      throw new Error("no more");
    },
  });
  await assert.rejects(run, { message: "no more" });
});

Deno.test("a pipeline can mix runners, and a bound command keeps its own", async () => {
  const mixed = text("data").pipe(local().cmd("cat")).pipe(voidRunner().cmd("rm", "-rf", "/"))
    .pipe(cmd("wc", "-c"));
  assert.equal(await mixed.text({ runner: local() }), "0");
  assert.equal(await mixed.text({ runner: voidRunner() }), "");
});

Deno.test("nothing starts if the signal is already aborted", async () => {
  using folder = tempDir();
  const run = cmd("touch", `${folder.path}/x`).run({ signal: AbortSignal.abort(new Error("no")) });
  await assert.rejects(run, { message: "no" });
  assert.deepEqual(names(folder.path), []);
});

Deno.test("an invalid time limit is refused", async () => {
  for (const timeoutMs of [0, -1, NaN, Infinity]) {
    await assert.rejects(cmd("true").run({ timeoutMs }), RangeError);
  }
});

Deno.test("a time limit throws a CommandError that reports it", async () => {
  await assert.rejects(cmd("sleep", "1000").run({ timeoutMs: 50 }), (error) => {
    assert.ok(error instanceof CommandError);
    assert.deepEqual([error.timedOut, error.code], [true, 124]);
    return true;
  });
});

Deno.test("a child left behind that holds stderr open does not delay the run", async () => {
  const result = await cmd("sh", "-c", "sleep 60 & echo kept >&2").to(discard()).run();
  assert.ok(result.stages[0]!.durationMs < 50_000);
  assert.equal(result.stages[0]!.stderrTail, "kept\n");
});

Deno.test("a source without commands is written to the sink", async () => {
  using folder = tempDir();
  await text("as it is").to(file(`${folder.path}/out`)).run();
  assert.equal(read(`${folder.path}/out`), "as it is");
  assert.equal(await file(`${folder.path}/out`).text(), "as it is");
  assert.equal(await empty().text(), "");
});

Deno.test("a machinery failure is a RunnerError with the argv to reproduce it", async () => {
  await assert.rejects(cmd("pwd").cwd("/no/such").run(), (error) => {
    assert.ok(error instanceof RunnerError);
    assert.deepEqual([error.runner, error.phase, error.argv], ["local", "start", ["pwd"]]);
    return true;
  });
});

Deno.test("stderr() writes stderr to a file, which is kept only if the pipeline succeeds", async () => {
  using folder = tempDir();
  const err = `${folder.path}/err`;
  await cmd("sh", "-c", "echo oops >&2").stderr(file(err)).run();
  assert.equal(read(err), "oops\n");
});

/** A runner whose commands exit at once and fail to be disposed. */
function failingToDispose(code: number, disposed: string[] = []) {
  return makeRunner({
    kind: "local",
    argv: commandArgv,
    async start(command, stdio) {
      const name = commandArgv(command)[0]!;
      await closeOutput(stdio.stdout);
      await closeOutput(stdio.stderr);
      await readAll(stdio.stdin);
      return {
        exited: Promise.resolve({ code }),
        kill() {},
        [Symbol.asyncDispose]: () => {
          disposed.push(name);
          return Promise.reject(new Error(`cannot dispose ${name}`));
        },
      };
    },
  });
}

/** The messages of the errors during teardown. */
function teardownMessages(error: unknown): string[] {
  const { teardownErrors = [] } = error as { teardownErrors?: Error[] };
  return teardownErrors.map(({ message }) => message);
}

Deno.test("errors of the teardown are attached to the first error, and hide nothing", async () => {
  const runner = failingToDispose(3);
  const error = await cmd("a").run({ runner }).catch((error) => error);
  assert.ok(error instanceof CommandError, String(error));
  assert.equal(error.code, 3);
  assert.deepEqual(teardownMessages(error), ["cannot dispose a"]);
});

Deno.test("an error of the teardown alone is thrown", async () => {
  await assert.rejects(cmd("a").run({ runner: failingToDispose(0) }), /^Error: cannot dispose a$/);
});

Deno.test("an error of the teardown alone has the result, also without check and captured", async () => {
  for (const code of [0, 3]) {
    const runner = failingToDispose(code);
    const run = await cmd("a").run({ runner, check: false }).catch((error) => error);
    assert.deepEqual([run.message, run.result.code], ["cannot dispose a", code]);
    const captured = await cmd("a").capture({ runner }).catch((error) => error);
    assert.deepEqual([captured.result.code, captured.result.stdout], [code, ""]);
  }
  using folder = tempDir();
  const out = `${folder.path}/out`;
  const program = 'mkdir "$1"; touch "$1/in-the-way"; exit 0';
  const blocked = await cmd("sh", "-c", program, "sh", out).to(file(out)).run({ check: false })
    .catch((error) => error);
  assert.ok(blocked instanceof EndpointError);
  assert.equal((blocked as { result?: Result }).result?.code, 0);
});

Deno.test("if disposing one command fails, the others are still disposed", async () => {
  const disposed: string[] = [];
  const runner = failingToDispose(0, disposed);
  const error = await cmd("a").pipe(cmd("b")).run({ runner }).catch((error) => error);
  assert.deepEqual(disposed, ["a", "b"]);
  assert.equal(error.message, "cannot dispose a");
  assert.deepEqual(teardownMessages(error), ["cannot dispose b"]);
});

Deno.test("an error of the machinery carries those of the teardown after it", async () => {
  const aborted = new Error("the caller ended it");
  const signal = AbortSignal.abort(aborted);
  const runner = failingToDispose(0);
  const late = new AbortController();
  const run = cmd("a").run({
    runner,
    signal: late.signal,
    onEvent: ({ type }) => type === "start" && late.abort(aborted),
  });
  assert.equal(await run.catch((error) => error), aborted);
  assert.deepEqual(teardownMessages(aborted), ["cannot dispose a"]);
  await assert.rejects(cmd("a").run({ runner, signal }), (error) => error === aborted);
});

Deno.test("if one sink cannot commit, the following ones are aborted and leave nothing", async () => {
  using folder = tempDir();
  const [out, err] = [`${folder.path}/out`, `${folder.path}/err`];
  const program = 'echo out; echo err >&2; mkdir "$1"; touch "$1/in-the-way"';
  const pipeline = cmd("sh", "-c", program, "sh", out).stderr(file(err)).to(file(out));
  await assert.rejects(pipeline.run(), EndpointError);
  assert.deepEqual(names(folder.path), ["out"]);
});

Deno.test("an observer and onEvent receive the same events, the observer first", async () => {
  const heard: string[] = [];
  const observer = {
    begin: () => ({
      event: (event: RunEvent) => void heard.push(`observer ${event.type}`),
      end: () => void heard.push("observer is told of the end"),
    }),
  };
  await cmd("true").run({ observer, onEvent: ({ type }) => heard.push(`onEvent ${type}`) });
  assert.deepEqual(heard, [
    "observer start",
    "onEvent start",
    "observer end",
    "onEvent end",
    "observer is told of the end",
  ]);
});

Deno.test("a sink of stderr that cannot be written is an EndpointError, as for stdout", async () => {
  const failing = () =>
    stream(new WritableStream({ write: () => Promise.reject(new Error("full")) }));
  const noisy = cmd("sh", "-c", "echo out; echo err >&2; cat").stderr(failing());
  for (const pipeline of [noisy, cmd("echo", "out").to(failing())]) {
    await assert.rejects(pipeline.run(), (error) => {
      assert.ok(error instanceof EndpointError, String(error));
      assert.deepEqual([error.end, error.message], ["sink", "full"]);
      return true;
    });
  }
});
