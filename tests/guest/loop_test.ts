import assert from "node:assert/strict";
import { openPipe } from "../../src/libc/fd.ts";
import { writeNow } from "../../src/libc/fd_streams.ts";
import { POLLIN, POLLOUT } from "../../src/libc/reactor.ts";
import { Fd } from "../../src/libc/fd.ts";
import { sendSignal, spawnUnwatched } from "../../src/libc/spawn.ts";
import { limitedLoop } from "./fixture.ts";

Deno.test("the loop calls those that are ready, in order, again and again, and no others", () => {
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

Deno.test("who stops waiting is not called, were it ready in the same turn", () => {
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

Deno.test("who begins to wait within a turn is called in the next", () => {
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

Deno.test("who waits for nothing is told that the other side is gone", () => {
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

Deno.test("before it waits the loop says so each time", () => {
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

Deno.test("orphans are waited for while a command runs", () => {
  const [stdin, stdout, stderr] = [0, 1, 2].map((number) => Fd.borrow(number));
  const stdio = { stdin: stdin!, stdout: stdout!, stderr: stderr! };
  const pid = spawnUnwatched({ path: "/bin/true", argv: ["true"], environment: [], ...stdio });
  // It can be sent a signal for as long as nobody has waited for it.
  using limited = limitedLoop(() => sendSignal(pid, "SIGCONT") || loop.end());
  const { loop } = limited;
  loop.isBusy = true;
  loop.run();
  assert.equal(sendSignal(pid, "SIGCONT"), false);
});
