import assert from "node:assert/strict";
import { openPipe } from "../../src/libc/fd.ts";
import { reactorIdle, waitFor } from "../../src/libc/reactor.ts";
import { findLibc } from "../../src/libc/libc.ts";

const POLLIN = 0x1; // poll.h

Deno.test({
  name: "reactorIdle() does not wait for what others have begun to wait for meanwhile",
  ignore: findLibc() === undefined,
  async fn() {
    const [first, second] = [openPipe(), openPipe()];
    using _first = first.read;
    using _second = second.read;
    first.write.close();
    using done = waitFor(first.read, POLLIN);
    await done.ready;
    const idle = reactorIdle(); // nothing waits now, but the loop has not noticed yet
    using other = waitFor(second.read, POLLIN);
    let isReady = false;
    other.ready.then(() => isReady = true);
    const late = setTimeout(() => second.write.close(), 10_000); // or a failing test would hang
    await idle;
    assert.equal(isReady, false);
    clearTimeout(late);
    second.write.close();
    await other.ready;
    await reactorIdle();
  },
});
