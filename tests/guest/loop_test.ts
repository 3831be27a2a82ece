import assert from "node:assert/strict";
import { openPipe } from "../../src/libc/fd.ts";
import { writeNow } from "../../src/libc/fd_streams.ts";
import { POLLIN, POLLOUT } from "../../src/libc/reactor.ts";
import { Fd } from "../../src/libc/fd.ts";
import { sendSignal, spawnUnwatched } from "../../src/libc/spawn.ts";
import { limitedLoop } from "./fixture.ts";

Deno.test("the loop calls back for ready descriptors, in order and each turn, and for no others", () => {
  using limited = limitedLoop();
  const { loop } = limited;
  const [first, second, silent] = [openPipe(), openPipe(), openPipe()];
  writeNow(first.write, Uint8Array.of(1));
  writeNow(second.write, Uint8Array.of(1));
  const called: string[] = [];
  loop.watch(first.read, POLLIN, () => called.push("first"));
  loop.watch(silent.read, POLLIN, () => called.push("silent"));
  loop.watch(second.read, POLLIN, () => called.push("second") < 6 || loop.end());
  loop.run();
  assert.deepEqual(called, ["first", "second", "first", "second", "first", "second"]);
  for (const pipe of [first, second, silent]) [pipe.read, pipe.write].forEach((end) => end.close());
});

Deno.test("a disposed watch is not called, even if it is ready in the same turn", () => {
  using limited = limitedLoop();
  const { loop } = limited;
  const pipe = openPipe();
  using _read = pipe.read;
  using _write = pipe.write;
  writeNow(pipe.write, Uint8Array.of(1));
  const called: string[] = [];
  loop.watch(pipe.read, POLLIN, () => {
    called.push("first");
    other[Symbol.dispose]();
    loop.end();
  });
  const other = loop.watch(pipe.write, POLLOUT, () => called.push("other"));
  loop.watch(pipe.write, POLLOUT, () => called.push("last"));
  loop.run();
  assert.deepEqual(called, ["first", "last"]);
});

Deno.test("a watch that is added within a turn is called in the next", () => {
  using limited = limitedLoop();
  const { loop } = limited;
  const pipe = openPipe();
  using _read = pipe.read;
  using _write = pipe.write;
  const first = loop.watch(pipe.write, POLLOUT, () => {
    first[Symbol.dispose]();
    loop.watch(pipe.write, POLLOUT, () => loop.end());
  });
  loop.run();
});

Deno.test("a watch without events is called when the other side is gone", () => {
  using limited = limitedLoop();
  const { loop } = limited;
  const pipe = openPipe();
  using _write = pipe.write;
  let turns = 0;
  loop.watch(pipe.write, POLLOUT, () => ++turns === 3 && pipe.read.close());
  loop.watch(pipe.write, 0, () => loop.end());
  loop.run();
  assert.ok(turns >= 3, String(turns));
});

Deno.test("the loop calls beforeWaiting each time before it waits", () => {
  let turns = 0;
  const pipe = openPipe();
  using _read = pipe.read;
  using _write = pipe.write;
  using limited = limitedLoop(() => turns++);
  const { loop } = limited;
  let called = 0;
  loop.watch(pipe.write, POLLOUT, () => ++called === 3 && loop.end());
  loop.run();
  assert.deepEqual([turns, called], [3, 3]);
});

Deno.test("orphans are reaped while a command runs", () => {
  const [stdin, stdout, stderr] = [0, 1, 2].map((number) => Fd.borrow(number));
  const stdio = { stdin: stdin!, stdout: stdout!, stderr: stderr! };
  const pid = spawnUnwatched({ path: "/bin/true", argv: ["true"], environment: [], ...stdio });
  // It can be sent a signal until it is reaped.
  using limited = limitedLoop(() => sendSignal(pid, "SIGCONT") || loop.end());
  const { loop } = limited;
  loop.isBusy = true;
  loop.run();
  assert.equal(sendSignal(pid, "SIGCONT"), false);
});
