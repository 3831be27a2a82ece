import assert from "node:assert/strict";
import {
  cmd,
  CommandError,
  discard,
  each,
  EndpointError,
  file,
  gzip,
  type RunningPipeline,
  type SignalName,
  ssh,
  text,
} from "../../mod.ts";
import { eventually } from "../support/eventually.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../support/processes.ts";
import { tempDir } from "../support/temp_dir.ts";

function sh(script: string) {
  return cmd("sh", "-c", script);
}

function openFiles(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

Deno.test("a loop over a pipeline gives its lines, then throws if it failed", async () => {
  const seen: string[] = [];
  const loop = async () => {
    for await (const line of sh("echo a; printf b; exit 7")) seen.push(line);
  };
  await assert.rejects(loop, (error) => error instanceof CommandError && error.code === 7);
  assert.deepEqual(seen, ["a", "b"]);
});

Deno.test("a loop over a pipeline without a source has an empty stdin", async () => {
  assert.deepEqual(await Array.fromAsync(cmd("cat")), []);
  assert.deepEqual(await Array.fromAsync(text("a\nb").pipe(cmd("cat"))), ["a", "b"]);
  const items = each(["a", "b"], (word) => cmd("echo", word));
  assert.deepEqual(await Array.fromAsync(items.pipe(cmd("cat"))), ["a", "b"]);
});

Deno.test("leaving a loop over a pipeline, in any way, ends all its processes", async () => {
  const endless = (mark: string) => sh("sleep 1000 & yes").env({ [MARK_VARIABLE]: mark });
  const ways: ((mark: string) => Promise<void>)[] = [
    async (mark) => {
      for await (const _line of endless(mark)) break;
    },
    async (mark) => {
      for await (const _line of endless(mark)) return;
    },
    async (mark) => {
      const loop = async () => {
        for await (const _line of endless(mark)) throw new Error("mine");
      };
      await assert.rejects(loop, /^Error: mine$/);
    },
    async (mark) => {
      const lines = cmd("sleep", "1000").env({ [MARK_VARIABLE]: mark })[Symbol.asyncIterator]();
      const next = lines.next(); // waits
      await lines.return();
      assert.deepEqual(await next, { done: true, value: undefined });
    },
  ];
  for (const way of ways) {
    const mark = newMark();
    await way(mark);
    assert.deepEqual(await processesWith(mark), []);
  }
});

Deno.test("a loop that is never entered starts nothing", async () => {
  using folder = tempDir();
  const lines = cmd("touch", `${folder.path}/touched`)[Symbol.asyncIterator]();
  await lines.return();
  assert.equal((await lines.next()).done, true);
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test("a slow loop holds the pipeline back", async () => {
  const written = new TextEncoder().encode("x".repeat(1023) + "\n");
  let chunks = 0;
  const endless = new ReadableStream({
    pull(controller) {
      chunks++;
      controller.enqueue(written);
    },
  });
  const { stream } = await import("../../mod.ts");
  const lines = stream(endless).pipe(cmd("cat"))[Symbol.asyncIterator]();
  await lines.next();
  let before = -1;
  await eventually(() => [before, before = chunks], ([last, now]) => last === now, 5000);
  assert.ok(chunks < 16 << 10, `${chunks} KiB were read`);
  await lines.return();
});

Deno.test("a loop over a pipeline rejects with the error of its runner or source", async () => {
  await assert.rejects(Array.fromAsync(file("/no/such/file").pipe(cmd("cat"))), EndpointError);
  const away = ssh({ host: "execvm.invalid" }).cmd("true");
  await assert.rejects(Array.fromAsync(away), /^RunnerError/);
  const closed = cmd("true").to(discard()) as unknown as ReturnType<typeof cmd>;
  await assert.rejects(Array.fromAsync(closed), /^TypeError: cannot iterate over the output: it /);
});

Deno.test("start() gives stdin, stdout and the result", async () => {
  await using running = cmd("cat").start();
  await running.stdin.write("hé");
  const writer = running.stdin.getWriter();
  await assert.rejects(running.stdin.write("locked"), TypeError);
  await writer.write(new TextEncoder().encode("llo\n"));
  await writer.close();
  assert.equal(await new Response(running.stdout).text(), "héllo\n");
  const { ok, stages } = await running.result;
  assert.deepEqual([ok, stages[0]!.bytesIn, stages[0]!.bytesOut], [true, 7, 7]);
});

Deno.test("start() with `pipe` gives stderr", async () => {
  await using running = sh("echo out; echo why >&2").start({ stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([
    Array.fromAsync(running.stdout.lines()),
    Array.fromAsync(running.stderr.lines()),
  ]);
  assert.deepEqual([stdout, stderr], [["out"], ["why"]]);
  assert.equal((await running.result).stages[0]!.stderrTail, "why\n");
});

Deno.test("a handle has only the ends that are open", async () => {
  const closed = text("a").pipe(cmd("cat")).to(discard()).start();
  const ends: [undefined, undefined, undefined] = [closed.stdin, closed.stdout, closed.stderr];
  assert.deepEqual(ends, [undefined, undefined, undefined]);
  assert.throws(() => closed[Symbol.asyncIterator](), /^TypeError: cannot read lines: /);
  await closed.result;
});

Deno.test("result closes a stdin and discards an output that were not asked for", async () => {
  const running = sh("cat; head -c 9999999 /dev/zero").start();
  assert.ok((await running.result).ok);
  for (const name of ["stdin", "stdout"] as const) {
    assert.throws(() => running[name], {
      name: "TypeError",
      message:
        `cannot use ${name}: it was given up when the result or the lines of the handle were ` +
        `read: read \`${name}\` first`,
    });
  }
});

Deno.test("a loop over a handle closes a stdin and discards a stderr that were not asked for", async () => {
  const flood = sh("cat; head -c 9999999 /dev/zero >&2; echo over");
  assert.deepEqual(await Array.fromAsync(flood.start({ stderr: "pipe" })), ["over"]);
  const running = cmd("cat").start();
  const { stdin } = running;
  const lines = running[Symbol.asyncIterator]();
  const next = lines.next();
  await stdin.write("a\n");
  assert.equal((await next).value, "a");
  await lines.return();
});

Deno.test("the ends and the result can be read from the handle at once, in any order", async () => {
  const { result, stdin, stdout } = cmd("cat").start();
  const writer = stdin.getWriter();
  await writer.write("a");
  await writer.close();
  assert.equal(await new Response(stdout).text(), "a");
  assert.ok((await result).ok);
});

Deno.test("the result of a short output does not wait for a reader, and nothing is lost", async () => {
  const running = cmd("echo", "hi").start();
  const { stdout } = running;
  await running.result;
  assert.equal(await new Response(stdout).text(), "hi\n");
});

Deno.test("the result of a command that has ended does not wait until its pipe is read", async () => {
  const bytes = 1_090_000; // more than is held in this process, and the rest fits into the pipe
  const running = cmd("head", "-c", String(bytes), "/dev/zero").start();
  const { stdout } = running;
  assert.equal((await running.result).stages[0]!.bytesOut, bytes);
  assert.equal((await new Response(stdout).bytes()).length, bytes);
});

Deno.test("leaving the lines of stdout neither ends nor blocks the command", async () => {
  await using running = sh("echo ready; head -c 9999999 /dev/zero; exit 4").start({ check: false });
  for await (const line of running.stdout.lines()) if (line === "ready") break;
  assert.equal((await running.result).code, 4);
});

Deno.test("cancelling stdout closes it for the command", async () => {
  await using running = cmd("yes").start({ check: false });
  const reader = running.stdout.getReader();
  await reader.read();
  await reader.cancel();
  assert.equal((await running.result).stages[0]!.signal, "SIGPIPE");
});

Deno.test("a write to the stdin of a command that no longer reads rejects", async () => {
  const gone = {
    name: "EndpointError",
    message: "cannot write to stdin: the command does not read it any more",
  };
  await using running = cmd("sleep", "1000").start({ check: false });
  const much = new Uint8Array(8 << 20); // more than the pipe holds
  const waiting = [
    assert.rejects(running.stdin.write(much).then(() => running.stdin.write("late"))),
  ];
  waiting.push(assert.rejects(running.stdin.write("later"), gone));
  await running.kill();
  await running.result;
  await Promise.all(waiting);
  await assert.rejects(running.stdin.write("late"), gone);
});

Deno.test("stdin takes strings and bytes only", async () => {
  await using running = cmd("cat").start();
  const stdin = running.stdin as unknown as { write(chunk: number): Promise<void> };
  await assert.rejects(stdin.write(1), /^TypeError: cannot write to stdin: it takes strings/);
  await assert.rejects(running.result, EndpointError);
});

Deno.test("kill() just after start() is not lost", async () => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGKILL", "SIGUSR1"] as const) {
    const running = cmd("sleep", "1000").start({ check: false });
    running.kill(signal);
    assert.equal((await running.result).stages[0]!.signal, signal);
  }
});

Deno.test("kill() of a pipeline that runs no command ends it", async () => {
  const running = text("a").pipe(gzip()).start();
  await running.kill();
  await running.result.catch(({ name }) => assert.equal(name, "AbortError"));
  const { stream } = await import("../../mod.ts");
  const endless = stream(new ReadableStream()).pipe(gzip()).start();
  await endless.kill();
  await assert.rejects(endless.result, {
    name: "AbortError",
    message: "cannot finish the pipeline: it received SIGTERM while no command ran",
  });
});

Deno.test("kill() and disposal after the end do nothing, any number of times", async () => {
  const running = cmd("true").start();
  await running.result;
  for (let time = 0; time < 2; time++) {
    await running.kill("SIGKILL");
    await running[Symbol.asyncDispose]();
  }
  assert.ok((await running.result).ok);
});

Deno.test("kill() refuses what is not a signal, in one line", async () => {
  await using running = cmd("true").start();
  for (const signal of ["SIGFOO", "TERM", 15, null]) {
    assert.throws(
      () => running.kill(signal as SignalName),
      /^TypeError: cannot send .*: there is no such signal/,
    );
  }
});

Deno.test("disposal ends the processes; result is then an AbortError", async () => {
  const mark = newMark();
  let handle: RunningPipeline;
  {
    await using running = sh("sleep 1000 & sleep 1000").env({ [MARK_VARIABLE]: mark }).start();
    handle = running;
    await eventually(() => processesWith(mark), ({ length }) => length >= 2, 5000);
  }
  assert.deepEqual(await processesWith(mark), []);
  await Promise.all([handle[Symbol.asyncDispose](), handle[Symbol.asyncDispose]()]);
  await assert.rejects(handle.result, {
    name: "AbortError",
    message: "cannot finish the pipeline: its handle was disposed",
  });
});

Deno.test("an AbortSignal ends a started pipeline with its reason, also if it was aborted before", async () => {
  const reason = new Error("enough");
  const before = cmd("sleep", "1000").start({ signal: AbortSignal.abort(reason) });
  await assert.rejects(before.result, reason);
  const aborter = new AbortController();
  const running = cmd("sleep", "1000").start({ signal: aborter.signal });
  const { stdout } = running;
  aborter.abort(reason);
  await running[Symbol.asyncDispose]();
  await assert.rejects(running.result, reason);
  await assert.rejects(new Response(stdout).text(), reason);
});

Deno.test("disposal takes any reason of a signal", async () => {
  const aborter = new AbortController();
  const running = cmd("sleep", "1000").start({ signal: aborter.signal });
  aborter.abort(null);
  await running[Symbol.asyncDispose]();
  assert.equal(await running.result.catch((error) => error), null);
});

Deno.test("a time limit is an option of start(), also for a loop", async () => {
  const loop = Array.fromAsync(cmd("sleep", "1000").start({ timeoutMs: 100 }));
  await assert.rejects(loop, (error) => error instanceof CommandError && error.timedOut);
});

Deno.test("start() throws for invalid options, at once and in one line", () => {
  const cases: [object, RegExp][] = [
    [{ timeoutMs: -1 }, /^RangeError: cannot run the pipeline with timeoutMs -1: it must be/],
    [{ killAfterMs: "1" }, /^RangeError: cannot run the pipeline with killAfterMs "1": it must/],
    [{ stderr: "all" }, /^TypeError: cannot start .* stderr "all": it is one of forward, inherit/],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => cmd("true").start(options), message);
  }
});

Deno.test("a started pipeline that fails and is never awaited is no unhandled rejection", async () => {
  const script = `import { cmd } from ${JSON.stringify(new URL("../../mod.ts", import.meta.url))};
    cmd("false").start();
    cmd("false").start().result;
    cmd("/no/such/program").start({ stderr: "pipe" });
    cmd("true").start({ signal: AbortSignal.abort() });
    cmd("sleep", "1000").start()[Symbol.asyncDispose]();`;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", script],
  }).output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
});

Deno.test("many starts in a row leave no descriptor open, however they end", async () => {
  const run = async (index: number) => {
    const running = cmd("echo", "hi").start();
    if (index % 4 === 0) await running.result;
    else if (index % 4 === 1) await running[Symbol.asyncDispose]();
    else if (index % 4 === 2) { for await (const _line of running) break; }
    else await Array.fromAsync(running.stdout.lines());
    await running.result.catch(() => {});
  };
  await run(0);
  const before = openFiles();
  for (let index = 0; index < 200; index++) await run(index);
  assert.equal(openFiles(), before);
});

Deno.test("a fan-out is started as a pipeline is", async () => {
  const items = each([1, 2, 3], (item) => cmd("echo", String(item)));
  await using running = items.start();
  assert.deepEqual(await Array.fromAsync(running.stdout.lines()), ["1", "2", "3"]);
  const { items: results } = await running.result;
  assert.equal(results!.length, 3);
  const endless = each([1, 2], () => cmd("sleep", "1000")).start({ check: false });
  await endless.kill("SIGTERM");
  assert.equal((await endless.result).code, 143);
});
