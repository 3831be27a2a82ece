// Terminals: queries about our own, and making pseudo-terminals.

import { checked, Fd } from "./fd.ts";
import { cString } from "./c_string.ts";
import { libc } from "./libc.ts";

// fcntl.h
const O_RDWR_NOCTTY_CLOEXEC = 0o2000402;
const TIOCSWINSZ = 0x5414n; // asm-generic/ioctls.h
const WINSIZE_BYTES = 8; // struct winsize { unsigned short rows, columns, x, y; }
const PATH_BYTES = 64;
const TERMIOS_BYTES = 60; // struct termios of glibc (bits/termios-struct.h)
const TCSANOW = 0; // bits/termios.h

/** A pseudo-terminal whose master side this process holds. */
export interface Terminal {
  /** The side that we read and write. */
  readonly master: Fd;
  /** The path at which programs open the other side. */
  readonly path: string;
}

/** Whether this process has a controlling terminal, so that job control matters. */
export function hasControllingTerminal(): boolean {
  using terminal = openControllingTerminal();
  return terminal !== undefined;
}

/** Whether our process group is in the foreground of our terminal, and so receives ^C. */
export function isForeground(): boolean {
  using terminal = openControllingTerminal();
  return terminal !== undefined && libc().tcgetpgrp(terminal.number) === libc().getpgrp();
}

function openControllingTerminal(): Fd | undefined {
  const number = libc().open(cString("/dev/tty"), O_RDWR_NOCTTY_CLOEXEC, 0);
  return number < 0 ? undefined : Fd.own(number);
}

/** Makes a pseudo-terminal. The caller closes the master. @throws {SystemError} on failure. */
export function openTerminal(size: { columns: number; rows: number }): Terminal {
  const symbols = libc();
  const number = symbols.posix_openpt(O_RDWR_NOCTTY_CLOEXEC);
  const master = Fd.own(checked(number, "make a terminal"));
  symbols.grantpt(number);
  symbols.unlockpt(number);
  const path = new Uint8Array(PATH_BYTES);
  symbols.ptsname_r(number, path, BigInt(PATH_BYTES));
  resizeTerminal(master, size);
  return { master, path: new TextDecoder().decode(path.subarray(0, path.indexOf(0))) };
}

/** Sets the size of a terminal; its foreground programs get a SIGWINCH. */
export function resizeTerminal(master: Fd, size: { columns: number; rows: number }): void {
  const winsize = new Uint16Array(WINSIZE_BYTES / 2);
  winsize[0] = size.rows;
  winsize[1] = size.columns;
  libc().ioctl(master.number, TIOCSWINSZ, new Uint8Array(winsize.buffer));
}

/** Puts a terminal in raw mode: bytes pass unchanged in both directions, without an echo. */
export function makeRaw(master: Fd): void {
  const modes = new Uint8Array(TERMIOS_BYTES);
  checked(libc().tcgetattr(master.number, modes), "read the modes of a terminal");
  libc().cfmakeraw(modes);
  checked(libc().tcsetattr(master.number, TCSANOW, modes), "set the modes of a terminal");
}

/**
 * Returns the size of our terminal; 80 by 24 if there is none or its size is not set (`script`,
 * CI).
 */
export function ownTerminalSize(): { columns: number; rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || 80, rows: rows || 24 };
  } catch {
    return { columns: 80, rows: 24 };
  }
}
