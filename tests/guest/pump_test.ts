import assert from "node:assert/strict";
import { type Fd, openPipe } from "../../src/libc/fd.ts";
import { readNow, writeNow } from "../../src/libc/fd_streams.ts";
import { Pump, type PumpEnd } from "../../src/guest/pump.ts";
import { tempDir } from "../support/temp_dir.ts";
import { Collector, endProgram, limitedLoop, someBytes, startProgram } from "./fixture.ts";

/** Two pipes with a pump between them. */
function pumped(limits: { readonly limit?: number; readonly bufferBytes?: number } = {}) {
  const limited = limitedLoop();
  const [from, to] = [openPipe(), openPipe()];
  from.read.setNonblocking();
  to.write.setNonblocking();
  const ends: PumpEnd[] = [];
  const onEnd = (end: PumpEnd) => {
    ends.push(end);
    limited.loop.end();
  };
  const options = { limit: Infinity, bufferBytes: 4096, ...limits, onEnd };
  const pump = new Pump(limited.loop, { ...options, from: from.read, to: to.write });
  return {
    ...{ pump, ends, from, to, loop: limited.loop },
    [Symbol.dispose]() {
      limited[Symbol.dispose]();
      for (const fd of [from.read, from.write, to.read, to.write]) fd.close();
    },
  };
}

/** The bytes in a pipe, at most 1 MiB. */
function contentOf(end: Fd): Uint8Array {
  const buffer = new Uint8Array(1 << 20);
  end.setNonblocking();
  const count = readNow(end, buffer);
  return buffer.subarray(0, Math.max(count, 0));
}

for (const bufferBytes of [1, 7, 4096, 1 << 20]) {
  Deno.test(`a pump of ${bufferBytes} bytes copies everything, to the end`, () => {
    using it = pumped({ bufferBytes });
    const sent = someBytes(10_000);
    writeNow(it.from.write, sent);
    it.from.write.close();
    it.loop.run();
    assert.deepEqual([it.ends, it.pump.bytes], [["eof"], sent.length]);
    assert.deepEqual(contentOf(it.to.read), sent);
  });
}

Deno.test("a pump waits for both sides, and nothing is lost", () => {
  using folder = tempDir();
  const sent = someBytes(5_000_000);
  Deno.writeFileSync(`${folder.path}/sent`, sent);
  using it = pumped({ bufferBytes: 1 << 20 });
  const writer = startProgram(["cat", `${folder.path}/sent`], { stdout: it.from.write });
  it.from.write.close();
  using collector = new Collector(it.to.read);
  it.loop.run();
  it.to.write.close();
  endProgram(writer);
  assert.deepEqual([it.ends, it.pump.bytes], [["eof"], sent.length]);
  assert.deepEqual(collector.bytes(), sent);
});

Deno.test("a pump ends at its limit, and leaves the rest unread", () => {
  using it = pumped({ limit: 8192 });
  const sent = someBytes(20_000);
  writeNow(it.from.write, sent);
  it.loop.run();
  assert.deepEqual([it.ends, it.pump.bytes], [["limit"], 8192]);
  assert.deepEqual(contentOf(it.to.read), sent.subarray(0, 8192));
  assert.deepEqual(contentOf(it.from.read), sent.subarray(8192));
});

Deno.test("a limit that is already reached ends a pump at once, and only once", () => {
  using it = pumped();
  writeNow(it.from.write, someBytes(100));
  it.pump.limitTo(0);
  assert.deepEqual(it.ends, ["limit"]);
  it.pump.stop();
  it.pump.limitTo(0);
  it.pump.drain();
  assert.deepEqual([it.ends, it.pump.bytes], [["limit"], 0]);
});

Deno.test("a pump whose readers are gone is refused", () => {
  using it = pumped();
  it.to.read.close();
  writeNow(it.from.write, someBytes(100));
  it.loop.run();
  assert.deepEqual([it.ends, it.pump.bytes], [["refused"], 0]);
});

Deno.test("a drained pump copies the bytes in the pipe, even if another process holds it open", () => {
  using it = pumped();
  const sent = someBytes(20_000);
  writeNow(it.from.write, sent);
  it.pump.drain();
  assert.deepEqual([it.ends, it.pump.bytes], [["eof"], sent.length]);
  assert.deepEqual(contentOf(it.to.read), sent);
});

Deno.test("a pump that is drained while it is blocked continues when it can", () => {
  using it = pumped({ bufferBytes: 1 << 16 });
  const before = someBytes(1 << 20);
  writeNow(it.to.write, before); // it is full
  const sent = someBytes(500_000);
  writeNow(it.from.write, sent);
  it.pump.drain();
  assert.deepEqual([it.ends, it.pump.bytes], [[], 0]);
  using collector = new Collector(it.to.read);
  it.loop.run();
  it.to.write.close();
  assert.deepEqual([it.ends, it.pump.bytes], [["eof"], sent.length]);
  assert.deepEqual(collector.bytes().subarray(before.length), sent);
});
