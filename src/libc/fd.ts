// A file descriptor and who owns it; opening files and pipes.

import { cString } from "./c_string.ts";
import { errnoOf, SystemError } from "./errno.ts";
import { errno, libc } from "./libc.ts";
import { showWord } from "./word.ts";

// fcntl.h, asm-generic
const O_RDONLY = 0;
const O_WRONLY = 0o1;
const O_RDWR = 0o2;
const O_NOCTTY = 0o400;
const O_APPEND = 0o2000;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const MFD_CLOEXEC = 1; // linux/memfd.h
const F_SETFD = 2;
const F_SETFL = 4;
const F_GETFL = 3;
const F_DUPFD_CLOEXEC = 1030;
const F_SETPIPE_SZ = 1031;
const SEEK_CUR = 1;

/** Bytes a pipe of ours holds: the most an unprivileged process may ask for by default. */
export const PIPE_BYTES: number = 1 << 20;

/**
 * An open file descriptor. Who holds the object owns the descriptor and closes it, once: closing
 * again does nothing. Descriptors made here are closed on exec.
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

  /** Takes over a descriptor that nobody else will close. */
  static own(number: number): Fd {
    return new Fd(number, true);
  }

  /** Names a descriptor that belongs to someone else, such as our own stdin; it is never closed. */
  static borrow(number: number): Fd {
    return new Fd(number, false);
  }

  /** The descriptor. @throws {SystemError} EBADF once it is closed: the number may be reused. */
  get number(): number {
    if (!this.#open) throw new SystemError(errnoOf("EBADF"), "use a closed descriptor");
    return this.#number;
  }

  /** Whether it has not been closed. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Closes it; those who wait for it are told first. */
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

  /** A second descriptor for the same open file, numbered 3 or higher. */
  duplicate(): Fd {
    const number = libc().fcntl(this.number, F_DUPFD_CLOEXEC, 3n);
    return Fd.own(checked(number, "duplicate a descriptor"));
  }

  /**
   * Makes reads and writes return at once. It holds for the open file, so for everyone who shares
   * it: only for ends that this process alone has.
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

  /** Gives it, under its number, to each program that is started while it is open. */
  setInherited(): void {
    checked(libc().fcntl(this.number, F_SETFD, 0n), "have a descriptor inherited");
  }

  /** Makes a pipe as large as it may be. */
  enlarge(): void {
    // Refused once a user's pipes hold too much in all; the size that it has then does.
    libc().fcntl(this.number, F_SETPIPE_SZ, BigInt(PIPE_BYTES));
  }

  /** Where in its file the descriptor stands, in bytes; `undefined` for pipes and the like. */
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

/** Opens what exists for writing, without truncating it. @throws {SystemError} if it cannot be. */
export function openForWriting(path: string): Fd {
  return openFile(path, O_WRONLY);
}

/** A pipe, as large as it may be. Both ends are the caller's. @throws {SystemError} out of them. */
export function openPipe(): { read: Fd; write: Fd } {
  const pipe = openSmallPipe();
  pipe.write.enlarge();
  return pipe;
}

/** A pipe of the default size, 64 KiB. Both ends are the caller's. @throws {SystemError} out of them. */
export function openSmallPipe(): { read: Fd; write: Fd } {
  const ends = new Int32Array(2);
  checked(libc().pipe2(ends, O_CLOEXEC), "make a pipe");
  return { read: Fd.own(ends[0]!), write: Fd.own(ends[1]!) };
}

/** A file in memory that nobody else can open by name; all writes append. @throws {SystemError} */
export function openMemoryFile(name: string): Fd {
  const number = checked(libc().memfd_create(cString(name), MFD_CLOEXEC), "make a file in memory");
  libc().fcntl(number, F_SETFL, BigInt(O_APPEND));
  return Fd.own(number);
}

/** The result of a call, unless it says that it failed. @throws {SystemError} then. */
export function checked(result: number, action: string): number {
  if (result < 0) throw new SystemError(errno(), action);
  return result;
}

function openFile(path: string, flags: number): Fd {
  const number = libc().open(cString(path), flags | O_CLOEXEC | O_NOCTTY, 0);
  return Fd.own(checked(number, `open ${showWord(path)}`));
}

/** Has our own stdin be at its end from now on, and that of what we become. @throws {SystemError} */
export function emptyStdin(): void {
  using nothing = openForReading("/dev/null");
  checked(libc().dup2(nothing.number, 0), "empty stdin");
}

/** Opens a device for reading and writing. @throws {SystemError} if it cannot be opened. */
export function openDevice(path: string): Fd {
  return openFile(path, O_RDWR);
}
