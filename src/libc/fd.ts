// File descriptors with an owner, and opening files and pipes.

import { cString } from "./c_string.ts";
import { errnoOf, SystemError } from "./errno.ts";
import { errno, libc } from "./libc.ts";
import { showWord } from "./word.ts";

// fcntl.h, asm-generic
const O_RDONLY = 0;
const O_WRONLY = 0o1;
const O_RDWR = 0o2;
const O_NOCTTY = 0o400;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const MFD_CLOEXEC = 1; // linux/memfd.h
const F_SETFD = 2;
const F_SETFL = 4;
const F_GETFL = 3;
const F_DUPFD_CLOEXEC = 1030;
const F_SETPIPE_SZ = 1031;
const SEEK_CUR = 1;

/** Size of our pipes in bytes: the most that an unprivileged process may request by default. */
export const PIPE_BYTES: number = 1 << 20;

/**
 * An open file descriptor. The holder of the object owns the descriptor and closes it; closing it
 * again does nothing. Descriptors made here are closed on exec.
 *
 * @example
 * ```ts
 * import type { Fd, InputEnd } from "@execvm/execvm";
 *
 * function closeInput(end: InputEnd): void {
 *   if (end === "inherit") return;
 *   if (end instanceof ReadableStream) void end.cancel();
 *   else (end satisfies Fd).close();
 * }
 * ```
 */
export class Fd implements Disposable {
  #open = true;
  readonly #number: number;
  readonly #owned: boolean;
  readonly #closing = new Set<() => void>();

  private constructor(number: number, owned: boolean) {
    this.#number = number;
    this.#owned = owned;
  }

  /** Takes ownership of a descriptor that nothing else will close. */
  static own(number: number): Fd {
    return new Fd(number, true);
  }

  /** Wraps a descriptor that is owned elsewhere, such as our own stdin; it is never closed. */
  static borrow(number: number): Fd {
    return new Fd(number, false);
  }

  /** The number. @throws {SystemError} EBADF once it is closed: the number may be reused. */
  get number(): number {
    if (!this.#open) throw new SystemError(errnoOf("EBADF"), "use a closed descriptor");
    return this.#number;
  }

  /** Whether it has not been closed. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Closes it, after calling the functions registered by {@linkcode onClose}. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const notify of this.#closing) notify();
    if (this.#owned) libc().close(this.#number);
  }

  /** Calls `notify` just before the descriptor is closed, unless disposed before. */
  onClose(notify: () => void): Disposable {
    this.#closing.add(notify);
    return { [Symbol.dispose]: () => void this.#closing.delete(notify) };
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Returns a second descriptor of the same open file, numbered 3 or higher; the caller owns it.
   */
  duplicate(): Fd {
    const number = libc().fcntl(this.number, F_DUPFD_CLOEXEC, 3n);
    return Fd.own(checked(number, "duplicate a descriptor"));
  }

  /**
   * Makes reads and writes return at once. The flag belongs to the open file and so affects every
   * process that shares it: only for ends that this process alone holds.
   */
  setNonblocking(): void {
    const flags = libc().fcntl(this.number, F_GETFL, 0n);
    libc().fcntl(this.number, F_SETFL, BigInt(flags | O_NONBLOCK));
  }

  /** Undoes {@linkcode setNonblocking}. */
  setBlocking(): void {
    const flags = libc().fcntl(this.number, F_GETFL, 0n);
    libc().fcntl(this.number, F_SETFL, BigInt(flags & ~O_NONBLOCK));
  }

  /** Lets programs that are started while it is open inherit it, under the same number. */
  setInherited(): void {
    checked(libc().fcntl(this.number, F_SETFD, 0n), "make a descriptor inheritable");
  }

  /** Enlarges a pipe to {@linkcode PIPE_BYTES}, if the kernel permits it. */
  enlarge(): void {
    // Refused once the pipes of this user are too large in total; the default size is then enough.
    libc().fcntl(this.number, F_SETPIPE_SZ, BigInt(PIPE_BYTES));
  }

  /**
   * Returns the offset in its file, in bytes; `undefined` for pipes and others that cannot seek.
   */
  position(): number | undefined {
    const offset = libc().lseek(this.number, 0n, SEEK_CUR);
    return offset < 0n ? undefined : Number(offset);
  }

  /** Whether it is a terminal. */
  isTerminal(): boolean {
    return libc().isatty(this.number) === 1;
  }
}

/** Opens a file for reading. @throws {SystemError} if it cannot be opened. */
export function openForReading(path: string): Fd {
  return openFile(path, O_RDONLY);
}

/**
 * Opens a named pipe for reading without waiting for a writer. Until the first one has it open,
 * polling waits and reading finds an end.
 *
 * @throws {SystemError} if it cannot be opened.
 */
export function openFifoForReading(path: string): Fd {
  return openFile(path, O_RDONLY | O_NONBLOCK);
}

/** Opens an existing file for writing, without truncating it. @throws {SystemError} on failure. */
export function openForWriting(path: string): Fd {
  return openFile(path, O_WRONLY);
}

/**
 * Makes a pipe of up to {@linkcode PIPE_BYTES}. The caller owns both ends.
 *
 * @throws {SystemError} if there are no descriptors left.
 */
export function openPipe(): { read: Fd; write: Fd } {
  const pipe = openSmallPipe();
  pipe.write.enlarge();
  return pipe;
}

/**
 * Makes a pipe of the default size, 64 KiB. The caller owns both ends.
 *
 * @throws {SystemError} if there are no descriptors left.
 */
export function openSmallPipe(): { read: Fd; write: Fd } {
  const ends = new Int32Array(2);
  checked(libc().pipe2(ends, O_CLOEXEC), "make a pipe");
  return { read: Fd.own(ends[0]!), write: Fd.own(ends[1]!) };
}

/**
 * Makes a file in memory that no path leads to.
 *
 * @throws {SystemError} on failure.
 */
export function openMemoryFile(name: string): Fd {
  return Fd.own(checked(libc().memfd_create(cString(name), MFD_CLOEXEC), "make a file in memory"));
}

/** Returns the result of a call. @throws {SystemError} from errno if the result is negative. */
export function checked(result: number, action: string): number {
  if (result < 0) throw new SystemError(errno(), action);
  return result;
}

function openFile(path: string, flags: number): Fd {
  const number = libc().open(cString(path), flags | O_CLOEXEC | O_NOCTTY, 0);
  return Fd.own(checked(number, `open ${showWord(path)}`));
}

/** Replaces our stdin by /dev/null, also for a program that we become. @throws {SystemError} */
export function emptyStdin(): void {
  using nothing = openForReading("/dev/null");
  checked(libc().dup2(nothing.number, 0), "replace stdin by /dev/null");
}

/** Opens a device for reading and writing. @throws {SystemError} if it cannot be opened. */
export function openDevice(path: string): Fd {
  return openFile(path, O_RDWR);
}
