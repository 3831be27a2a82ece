import assert from "node:assert/strict";
import { type Fd, openPipe } from "../../src/libc/fd.ts";
import { writeNow } from "../../src/libc/fd_streams.ts";
import { FIRST_BYTES, prepareCopiers } from "../../src/guest/copier.ts";
import { OutputRelay } from "../../src/guest/output_relay.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";
import { Collector, endProgram, limitedLoop, someBytes, startProgram } from "./fixture.ts";

const BUSYBOX = "/bin/busybox";

/** A relay from the pipe of a command to a port, here a pipe too; the loop ends with the relay. */
function relayed() {
  const limited = limitedLoop();
  const [pipe, port] = [openPipe(), openPipe()];
  const ends: number[] = [];
  const onEnd = (bytes: number) => {
    ends.push(bytes);
    limited.loop.end();
  };
  const relay = new OutputRelay(limited.loop, { pipe: pipe.read, port: port.write, onEnd });
  return {
    ...{ relay, ends, pipe, port, loop: limited.loop },
    [Symbol.dispose]() {
      limited[Symbol.dispose]();
      for (const fd of [pipe.read, pipe.write, port.read, port.write]) fd.close();
    },
  };
}

/** Starts a program that writes bytes to an end, which is closed here. */
function writeTo(end: Fd, bytes: Uint8Array): Disposable {
  const folder = tempDir();
  Deno.writeFileSync(`${folder.path}/bytes`, bytes);
  const child = startProgram(["cat", `${folder.path}/bytes`], { stdout: end });
  end.close();
  return {
    [Symbol.dispose]() {
      endProgram(child);
      folder[Symbol.dispose]();
    },
  };
}

for (const length of [0, 1, 100_000, FIRST_BYTES - 1]) {
  Deno.test(`an output of ${length} bytes is copied, and its end reported`, () => {
    using it = relayed();
    const sent = someBytes(length);
    writeNow(it.pipe.write, sent);
    it.pipe.write.close();
    using collector = new Collector(it.port.read);
    it.loop.run();
    it.port.write.close();
    assert.deepEqual([it.ends, it.pipe.read.isOpen], [[length], false]);
    assert.deepEqual(collector.bytes(), sent);
  });
}

for (const length of [FIRST_BYTES, FIRST_BYTES + 1, 5_000_000]) {
  Deno.test({
    ...needs(`an output of ${length} bytes is copied by a program from ${FIRST_BYTES} on`, BUSYBOX),
    fn() {
      prepareCopiers(BUSYBOX);
      using it = relayed();
      const sent = someBytes(length);
      using _writer = writeTo(it.pipe.write, sent);
      using collector = new Collector(it.port.read);
      it.loop.run();
      it.port.write.close();
      assert.deepEqual([it.ends, it.pipe.read.isOpen], [[length], false]);
      assert.deepEqual(collector.bytes(), sent);
    },
  });
}

Deno.test("a drained output ends with the bytes in the pipe, even if another process holds it open", () => {
  using it = relayed();
  const sent = someBytes(100_000);
  writeNow(it.pipe.write, sent);
  using collector = new Collector(it.port.read);
  it.relay.drain();
  it.port.write.close();
  assert.deepEqual(it.ends, [sent.length]);
  assert.deepEqual(collector.bytes(), sent);
  assert.equal(it.pipe.write.isOpen, true);
});

Deno.test({
  ...needs("a drained output ends when a program copies it, too", BUSYBOX),
  fn() {
    prepareCopiers(BUSYBOX);
    using it = relayed();
    const sent = someBytes(FIRST_BYTES + 300_000);
    writeNow(it.pipe.write, sent);
    using collector = new Collector(it.port.read);
    it.relay.drain();
    it.loop.run();
    it.port.write.close();
    assert.deepEqual(it.ends, [sent.length]);
    assert.deepEqual(collector.bytes(), sent);
  },
});

Deno.test("an output that is stopped ends, and its writer gets an error", () => {
  using it = relayed();
  writeNow(it.pipe.write, someBytes(1000));
  it.relay.stop();
  assert.deepEqual([it.ends, it.pipe.read.isOpen], [[0], false]);
  assert.equal(writeNow(it.pipe.write, someBytes(1000)), undefined);
});

for (const length of [1000, 2_000_000]) {
  Deno.test({
    ...needs(`an output of ${length} bytes ends when the port has no reader`, BUSYBOX),
    fn() {
      prepareCopiers(BUSYBOX);
      using it = relayed();
      using _writer = writeTo(it.pipe.write, someBytes(length));
      const reader = startProgram(["head", "-c", "500"], { stdin: it.port.read });
      it.port.read.close();
      it.loop.run();
      endProgram(reader);
      assert.equal(it.ends.length, 1);
      assert.equal(it.pipe.read.isOpen, false);
    },
  });
}
