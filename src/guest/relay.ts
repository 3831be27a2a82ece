// Copying between the ports and the pipes of the command, by a program: JavaScript would have to come
// back for every 4 KiB that a port gives, and every 32 KiB that it takes.

import { type Fd, openForReading, openForWriting, openPipe, PIPE_BYTES } from "../libc/fd.ts";
import { readableUntil, writeChunk } from "../libc/fd_streams.ts";
import { waitFor } from "../libc/reactor.ts";
import { type Child, sendSignal, spawn } from "../libc/spawn.ts";

const BUSYBOX = "/execvm/busybox";

const DD = ["dd", "bs=1M", "status=none"];

const NEVER = new Promise<void>(() => {});

// Held open, as a command may have another root by the time that it is needed.
let busybox: Fd | undefined;

/** Opens what relays need; before the root changes. @throws {SystemError} if it is not there. */
export function prepareRelays(): void {
  busybox = openForReading(BUSYBOX);
}

/** Copies stdin from its port, until the host has said how many bytes it is and they are here. */
export class StdinRelay {
  readonly #pipe: Fd;
  readonly #collected = openPipe();
  #received = 0;
  #total = Infinity;

  /** @param pipe takes the bytes; it is closed at their end */
  constructor(pipe: Fd) {
    this.#pipe = pipe;
    pipe.setNonblocking();
    this.#collected.read.setNonblocking();
  }

  /** The host has sent `total` bytes in all. */
  end(total: number): void {
    this.#total = total;
    if (this.#received >= total) this.#collected.read.close();
  }

  /** Copies until the end, or until nobody reads any more: then it gives `false`. */
  async copyFrom(port: Fd): Promise<boolean> {
    const { read, write } = this.#collected;
    using copier = startCopier(port, write);
    write.close();
    using readersGone = waitFor(this.#pipe, 0);
    readersGone.ready.then(() => read.close());
    for await (const chunk of readableUntil(read, NEVER, PIPE_BYTES)) {
      if (!await writeChunk(this.#pipe, chunk)) break;
      this.#received += chunk.length;
      if (this.#received >= this.#total) break;
    }
    read.close();
    this.#pipe.close();
    sendSignal(copier.pid, "SIGKILL");
    await copier.exited;
    return this.#received >= this.#total;
  }
}

/**
 * Copies what comes out of a pipe to a port, until `ended` and it is empty, or it is closed here; how many
 * bytes. Every piece that reaches the port costs some 250 us of QEMU, be it 4 KiB or 32 KiB, the most
 * there is. So what a command writes bit by bit is collected first, which takes no longer than we do to
 * come back for it.
 */
export async function relayOutput(pipe: Fd, port: Fd, ended: Promise<void>): Promise<number> {
  const collected = openPipe();
  using copier = startCopier(collected.read, port);
  collected.read.close();
  collected.write.setNonblocking();
  let bytes = 0;
  for await (const chunk of readableUntil(pipe, ended, PIPE_BYTES)) {
    await writeChunk(collected.write, chunk);
    bytes += chunk.length;
  }
  collected.write.close();
  await copier.exited;
  return bytes;
}

function startCopier(input: Fd, output: Fd): Child {
  using nowhere = openForWriting("/dev/null");
  const path = `/proc/self/fd/${busybox!.number}`;
  const stdio = { stdin: input, stdout: output, stderr: nowhere };
  return spawn({ path, argv: DD, environment: [], ...stdio });
}
