import assert from "node:assert/strict";
import { openPipe } from "../../src/libc/fd.ts";
import { writeNow } from "../../src/libc/fd_streams.ts";
import { POLLIN } from "../../src/libc/reactor.ts";
import { FIRST_BYTES, prepareCopiers } from "../../src/guest/copier.ts";
import { StdinRelay } from "../../src/guest/stdin_relay.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";
import { Collector, endProgram, limitedLoop, someBytes, startProgram } from "./fixture.ts";

const BUSYBOX = "/bin/busybox";

/** A relay from a port, here a pipe that stays open, to the pipe of a command. */
function relayed() {
  const limited = limitedLoop();
  const [port, pipe] = [openPipe(), openPipe()];
  let refused = 0;
  const onRefused = () => {
    refused++;
    limited.loop.end();
  };
  const relay = new StdinRelay(limited.loop, { port: port.read, pipe: pipe.write, onRefused });
  return {
    ...{ relay, pipe, port, loop: limited.loop, refused: () => refused },
    [Symbol.dispose]() {
      limited[Symbol.dispose]();
      for (const fd of [port.read, port.write, pipe.read, pipe.write]) fd.close();
    },
  };
}

type Relayed = ReturnType<typeof relayed>;

/** Runs the relay until the reader has seen the end. */
function runToEnd({ loop, pipe }: Relayed): Uint8Array {
  using collector = new Collector(pipe.read);
  const watch = loop.watch(collector.ended, POLLIN, () => {
    watch[Symbol.dispose]();
    loop.end();
  });
  loop.run();
  return collector.bytes();
}

for (const length of [0, 1, 100_000]) {
  for (const when of ["before", "after"] as const) {
    Deno.test(`stdin of ${length} bytes ends when all have arrived, with its end announced ${when}`, () => {
      using it = relayed();
      const sent = someBytes(length);
      if (when === "before") it.relay.end(length);
      if (length > 0) writeNow(it.port.write, sent);
      if (when === "after") it.relay.end(length);
      assert.deepEqual(runToEnd(it), sent);
      assert.deepEqual([it.pipe.write.isOpen, it.refused()], [false, 0]);
    });
  }
}

for (const length of [FIRST_BYTES - 1, FIRST_BYTES, FIRST_BYTES + 1, 5_000_000]) {
  for (const when of ["before", "after"] as const) {
    Deno.test({
      ...needs(
        `stdin of ${length} bytes, most by a program, with its end announced ${when}`,
        BUSYBOX,
      ),
      fn() {
        prepareCopiers(BUSYBOX);
        using folder = tempDir();
        const sent = someBytes(length);
        Deno.writeFileSync(`${folder.path}/sent`, sent);
        using it = relayed();
        if (when === "before") it.relay.end(length);
        const sender = startProgram(["cat", `${folder.path}/sent`], { stdout: it.port.write });
        const watch = it.loop.watch(sender.pidfd, POLLIN, () => {
          watch[Symbol.dispose]();
          if (when === "after") it.relay.end(length);
        });
        assert.deepEqual(runToEnd(it), sent);
        endProgram(sender);
        assert.deepEqual([it.pipe.write.isOpen, it.refused()], [false, 0]);
      },
    });
  }
}

Deno.test("stdin without a reader is refused, even while no bytes arrive", () => {
  using it = relayed();
  it.pipe.read.close();
  it.loop.run();
  assert.deepEqual([it.refused(), it.pipe.write.isOpen], [1, false]);
  it.relay.end(1000); // the host may still announce it
  it.relay.stop();
  assert.equal(it.refused(), 1);
});

Deno.test({
  ...needs("stdin that is refused while a program copies it ends the program", BUSYBOX),
  fn() {
    prepareCopiers(BUSYBOX);
    using it = relayed();
    const sender = startProgram(["head", "-c", "100000000", "/dev/zero"], {
      stdout: it.port.write,
    });
    const reader = startProgram(["head", "-c", "1000000"], { stdin: it.pipe.read });
    it.pipe.read.close();
    it.loop.run();
    endProgram(reader);
    assert.deepEqual([it.refused(), it.pipe.write.isOpen], [1, false]);
    assert.equal(sender.status(), undefined); // it is still sending
    endProgram(sender);
  },
});
