// Helpers to test the guest's loop: pipes, and programs at their other ends.

import { Fd, openForReading, openForWriting, openMemoryFile } from "../../src/libc/fd.ts";
import { POLLIN } from "../../src/libc/reactor.ts";
import { sendSignal, start, type StartedChild } from "../../src/libc/spawn.ts";
import { Loop } from "../../src/guest/loop.ts";

const LIMIT_SECONDS = 10;

/** A loop that fails if it runs for too long, as nothing else could end the test. */
export function limitedLoop(beforeWaiting?: () => void): { readonly loop: Loop } & Disposable {
  const loop = new Loop(beforeWaiting);
  const limit = startProgram(["sleep", String(LIMIT_SECONDS)]);
  const watch = loop.watch(limit.pidfd, POLLIN, () => {
    throw new Error(`the loop has not ended after ${LIMIT_SECONDS} s`);
  });
  return {
    loop,
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      endProgram(limit);
    },
  };
}

/** Starts a program of this host; missing streams are /dev/null. The ends stay the caller's. */
export function startProgram(
  argv: readonly string[],
  { stdin, stdout }: { readonly stdin?: Fd; readonly stdout?: Fd } = {},
): StartedChild {
  using nothing = openForReading("/dev/null");
  using nowhere = openForWriting("/dev/null");
  const path = `/bin/${argv[0]}`;
  const stdio = { stdin: stdin ?? nothing, stdout: stdout ?? nowhere, stderr: Fd.borrow(2) };
  return start({ path, argv, environment: [], ...stdio });
}

/** Kills a program and waits for its exit. */
export function endProgram(child: StartedChild): void {
  sendSignal(child.pid, "SIGKILL");
  while (child.status() === undefined);
  child[Symbol.dispose]();
}

/** Collects the bytes of a pipe with a program, so that the pipe is never full for long. */
export class Collector implements Disposable {
  readonly #file = openMemoryFile("collected");
  readonly #child: StartedChild;

  /** @param end is closed here */
  constructor(end: Fd) {
    this.#child = startProgram(["cat"], { stdin: end, stdout: this.#file });
    end.close();
  }

  /** Readable once the other end is closed and all bytes have arrived. */
  get ended(): Fd {
    return this.#child.pidfd;
  }

  /** All bytes, once the other end is closed. */
  bytes(): Uint8Array {
    while (this.#child.status() === undefined);
    return Deno.readFileSync(`/proc/self/fd/${this.#file.number}`);
  }

  [Symbol.dispose](): void {
    endProgram(this.#child);
    this.#file.close();
  }
}

/** Bytes without repetitions. */
export function someBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, index) => index * 7 + (index >> 8) * 3 + (index >> 16));
}
