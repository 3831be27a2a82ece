// Error numbers of Linux (asm-generic/errno-base.h, errno.h) and the texts of strerror(3).

/** `[number, text of strerror]` by name, for the errors that calls made here can return. */
const ERRORS = {
  EPERM: [1, "Operation not permitted"],
  ENOENT: [2, "No such file or directory"],
  EINTR: [4, "Interrupted system call"],
  EIO: [5, "Input/output error"],
  E2BIG: [7, "Argument list too long"],
  ENOEXEC: [8, "Exec format error"],
  EBADF: [9, "Bad file descriptor"],
  EAGAIN: [11, "Resource temporarily unavailable"],
  ENOMEM: [12, "Cannot allocate memory"],
  EACCES: [13, "Permission denied"],
  EBUSY: [16, "Device or resource busy"],
  EEXIST: [17, "File exists"],
  ENODEV: [19, "No such device"],
  ENOTDIR: [20, "Not a directory"],
  EISDIR: [21, "Is a directory"],
  EINVAL: [22, "Invalid argument"],
  ENFILE: [23, "Too many open files in system"],
  EMFILE: [24, "Too many open files"],
  ETXTBSY: [26, "Text file busy"],
  ENOSPC: [28, "No space left on device"],
  ESPIPE: [29, "Illegal seek"],
  EROFS: [30, "Read-only file system"],
  EPIPE: [32, "Broken pipe"],
  ENAMETOOLONG: [36, "File name too long"],
  ELOOP: [40, "Too many levels of symbolic links"],
  EOPNOTSUPP: [95, "Operation not supported"],
  ENOKEY: [126, "Required key not available"],
  EKEYREJECTED: [129, "Key was rejected by service"],
} as const;

/** The name of an error that a call made here can return. */
export type ErrnoName = keyof typeof ERRORS;

/** A failed system call: `number` is its errno, `code` the name of that, as in Node. */
export class SystemError extends Error {
  override readonly name = "SystemError";
  /** The symbol, such as `ENOENT`, or `E` and the number when it is not a usual one. */
  readonly code: string;

  /** @param number the value of `errno` @param action what failed, such as `open "x"` */
  constructor(readonly number: number, action: string) {
    const known = Object.entries(ERRORS).find(([, [value]]) => value === number);
    super(`cannot ${action}: ${known?.[1][1] ?? `error ${number}`}`);
    this.code = known?.[0] ?? `E${number}`;
  }
}

/** Returns the number of a named error. */
export function errnoOf(name: ErrnoName): number {
  return ERRORS[name][0];
}
