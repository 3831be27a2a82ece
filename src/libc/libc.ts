// Opens the C library by FFI: descriptors, processes, signals and terminals of Linux.

/** The functions used, typed as in their man pages (LP64: x86_64 and aarch64). */
const SYMBOLS = {
  __errno_location: { parameters: [], result: "pointer" },
  // descriptors
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  pwrite: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i64"], result: "i32" },
  // Blocks in a thread of Deno's pool; the reactor keeps at most one such call in flight.
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
  pollNow: { name: "poll", parameters: ["buffer", "usize", "i32"], result: "i32" },
  // processes
  environ: { type: "pointer" }, // its address
  posix_spawn: {
    parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"],
    result: "i32",
  },
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  posix_spawn_file_actions_addopen: {
    parameters: ["buffer", "i32", "buffer", "i32", "u32"],
    result: "i32",
  },
  posix_spawn_file_actions_addchdir_np: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  posix_spawnattr_setpgroup: { parameters: ["buffer", "i32"], result: "i32" },
  posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" },
  execve: { parameters: ["buffer", "buffer", "buffer"], result: "i32" },
  waitid: { parameters: ["i32", "u32", "buffer", "i32"], result: "i32" },
  kill: { parameters: ["i32", "i32"], result: "i32" },
  signal: { parameters: ["i32", "usize"], result: "usize" },
  syscall: { parameters: ["i64", "i64", "i64"], result: "i64" },
  getpgrp: { parameters: [], result: "i32" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  prlimit: { parameters: ["i32", "i32", "buffer", "buffer"], result: "i32" },
  access: { parameters: ["buffer", "i32"], result: "i32" },
  // the machine
  mount: { parameters: ["buffer", "buffer", "buffer", "u64", "buffer"], result: "i32" },
  umount2: { parameters: ["buffer", "i32"], result: "i32" },
  setxattr: { parameters: ["buffer", "buffer", "buffer", "usize", "i32"], result: "i32" },
  llistxattr: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
  lgetxattr: { parameters: ["buffer", "buffer", "buffer", "usize"], result: "isize" },
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
  syscall_getdents64: {
    name: "syscall",
    parameters: ["i64", "i64", "buffer", "i64"],
    result: "i64",
  },
  chdir: { parameters: ["buffer"], result: "i32" },
  getcwd: { parameters: ["buffer", "usize"], result: "pointer" },
  chroot: { parameters: ["buffer"], result: "i32" },
  syscall_finit_module: {
    name: "syscall",
    parameters: ["i64", "i64", "buffer", "i64"],
    result: "i64",
  },
  syscall_setgroups: { name: "syscall", parameters: ["i64", "i64", "buffer"], result: "i64" },
  syscall_setres: { name: "syscall", parameters: ["i64", "i64", "i64", "i64"], result: "i64" },
  fchown: { parameters: ["i32", "u32", "u32"], result: "i32" },
  clock_settime: { parameters: ["i32", "buffer"], result: "i32" },
  sethostname: { parameters: ["buffer", "usize"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sync: { parameters: [], result: "void" },
  reboot: { parameters: ["i32"], result: "i32" },
  // terminals
  posix_openpt: { parameters: ["i32"], result: "i32" },
  grantpt: { parameters: ["i32"], result: "i32" },
  unlockpt: { parameters: ["i32"], result: "i32" },
  ptsname_r: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  isatty: { parameters: ["i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  tcgetattr: { parameters: ["i32", "buffer"], result: "i32" },
  tcsetattr: { parameters: ["i32", "i32", "buffer"], result: "i32" },
  cfmakeraw: { parameters: ["buffer"], result: "void" },
  tcgetpgrp: { parameters: ["i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const LIBRARY = "libc.so.6";

/** The newest of these functions, from glibc 2.29: a library that has it has all the others. */
const NEWEST = "posix_spawn_file_actions_addchdir_np";

/** The functions of the C library, each opened when it is first used. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

let loaded: Libc | null | undefined;

/**
 * Returns the C library, or `undefined` where it cannot be used: not on Linux, without permission
 * for FFI (it never prompts for it), or with another C library than glibc.
 */
export function findLibc(): Libc | undefined {
  if (loaded === undefined) loaded = open();
  return loaded ?? undefined;
}

/**
 * Returns the C library.
 *
 * @throws {Error} if it cannot be used here; callers check {@linkcode findLibc} first.
 */
export function libc(): Libc {
  const found = findLibc();
  if (found === undefined) throw new Error("cannot call the C library: FFI is not available");
  return found;
}

/** Returns errno of the synchronous call made just before; any other call overwrites it. */
export function errno(): number {
  const location = libc().__errno_location();
  return location === null ? 0 : new Deno.UnsafePointerView(location).getInt32();
}

function open(): Libc | null {
  if (Deno.build.os !== "linux") return null;
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return null;
  // Lets tests and users take the path without FFI under full permissions.
  if (wantsNoFfi()) return null;
  try {
    Deno.dlopen(LIBRARY, { [NEWEST]: SYMBOLS[NEWEST] }).close();
  } catch {
    return null; // musl, or a glibc that is too old
  }
  const symbols = openWhenUsed();
  // Opening a symbol overwrites errno, so the function that reads errno has to be open before.
  void symbols.__errno_location;
  return symbols;
}

/** Opens symbols lazily: each takes about 0.2 ms, and most programs need only a few of them. */
function openWhenUsed(): Libc {
  const symbols = {};
  for (const [name, definition] of Object.entries(SYMBOLS)) {
    Object.defineProperty(symbols, name, {
      configurable: true,
      enumerable: true,
      get() {
        const value = Deno.dlopen(LIBRARY, { [name]: definition }).symbols[name];
        Object.defineProperty(symbols, name, { value, enumerable: true });
        return value;
      },
    });
  }
  return symbols as Libc;
}

function wantsNoFfi(): boolean {
  const query = Deno.permissions.querySync({ name: "env", variable: "EXECVM_NO_FFI" });
  return query.state === "granted" && Deno.env.get("EXECVM_NO_FFI") === "1";
}
