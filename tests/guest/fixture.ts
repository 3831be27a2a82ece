// What the guest's loop is tested with: pipes, and programs at their other ends.

import { Fd, openForReading, openForWriting, openMemoryFile } from "../../src/libc/fd.ts";
import { POLLIN } from "../../src/libc/reactor.ts";
import { sendSignal, start, type StartedChild } from "../../src/libc/spawn.ts";
import { Loop } from "../../src/guest/loop.ts";

const LIMIT_SECONDS = 10;

/** A loop that fails if it goes on for too long, as nothing else could end the test. */
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

/** Starts a program of this machine; what it is not given is /dev/null. The ends stay the caller's. */
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

/** Ends a program at once, and waits for that. */
export function endProgram(child: StartedChild): void {
  sendSignal(child.pid, "SIGKILL");
  while (child.status() === undefined);
  child[Symbol.dispose]();
}

/** What is read from one end of a pipe, by a program, so that it is never full for long. */
export class Collector implements Disposable {
  readonly #file = openMemoryFile("collected");
  readonly #child: StartedChild;

  /** @param end is closed here */
  constructor(end: Fd) {
    this.#child = startProgram(["cat"], { stdin: end, stdout: this.#file });
    end.close();
  }

  /** Can be read from once the other end is closed, and all is here. */
  get ended(): Fd {
    return this.#child.pidfd;
  }

  /** All of it, once the other end is closed. */
  bytes(): Uint8Array {
    while (this.#child.status() === undefined);
    return Deno.readFileSync(`/proc/self/fd/${this.#file.number}`);
  }

  [Symbol.dispose](): void {
    endProgram(this.#child);
    this.#file.close();
  }
}

/** Bytes of which no two stretches are alike. */
export function someBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, index) => index * 7 + (index >> 8) * 3 + (index >> 16));
}
