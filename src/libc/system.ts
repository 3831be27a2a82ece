// System calls of the first process of a guest: mounts, modules, clock, power.

import { cString } from "./c_string.ts";
import { errnoOf, SystemError } from "./errno.ts";
import { checked, Fd, openForReading } from "./fd.ts";
import { errno, libc } from "./libc.ts";

// linux/mount.h
const MS_RDONLY = 1n;
const MS_REMOUNT = 32n;
const MS_BIND = 4096n;
const MS_MOVE = 8192n;
const MNT_DETACH = 2; // sys/mount.h

const RB_POWER_OFF = 0x4321fedc; // linux/reboot.h: LINUX_REBOOT_CMD_POWER_OFF
const CLOCK_REALTIME = 0; // time.h
const SYS_finit_module: Readonly<Record<string, bigint>> = { x86_64: 313n, aarch64: 273n };

// Bringing an interface up: socket.h, linux/if.h, linux/sockios.h
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCSIFFLAGS = 0x8914n;
const IFF_UP = 1;
const IFREQ_BYTES = 40;
const IFREQ_FLAGS = 16;

// linux/random.h: RNDADDENTROPY is _IOW('R', 0x03, int[2]), RNDRESEEDCRNG _IO('R', 0x07)
const RNDADDENTROPY = 0x40085203n;
const RNDRESEEDCRNG = 0x5207n;

/** A file system to mount. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly options?: string;
  readonly readOnly?: boolean;
}

/** Mounts a file system. @throws {SystemError} on failure: ENODEV if its type is unknown. */
export function mount({ source, target, type, options = "", readOnly }: Mount): void {
  const flags = readOnly === true ? MS_RDONLY : 0n;
  const words = [source, target, type].map(cString) as [Bytes, Bytes, Bytes];
  const result = libc().mount(...words, flags, cString(options));
  checked(result, `mount ${type} on ${target}`);
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Moves a mounted file system to another folder. @throws {SystemError} on failure. */
export function moveMount(from: string, to: string): void {
  const none = cString("");
  checked(libc().mount(cString(from), cString(to), none, MS_MOVE, none), `move ${from} to ${to}`);
}

/** Makes a folder or a file visible at another path too. @throws {SystemError} on failure. */
export function bindMount(from: string, to: string): void {
  const none = cString("");
  checked(libc().mount(cString(from), cString(to), none, MS_BIND, none), `bind ${from} to ${to}`);
}

/** Detaches a mount; open files stay usable. @throws {SystemError} if nothing is mounted there. */
export function unmount(target: string): void {
  checked(libc().umount2(cString(target), MNT_DETACH), `unmount ${target}`);
}

/** Makes a file system read-only. @throws {SystemError} EBUSY if a file is open for writing. */
export function remountReadOnly(target: string): void {
  const none = cString("");
  const result = libc().mount(none, cString(target), none, MS_REMOUNT | MS_RDONLY, none);
  checked(result, `make ${target} read-only`);
}

/** Makes `folder` the root of this process and its children. @throws {SystemError} on failure. */
export function changeRoot(folder: string): void {
  checked(libc().chdir(cString(folder)), `change to ${folder}`);
  moveMount(".", "/");
  checked(libc().chroot(cString(".")), `make ${folder} the root`);
  checked(libc().chdir(cString("/")), "change to the root");
}

/** Loads a kernel module, unless it is loaded already. @throws {SystemError} on failure. */
export function loadModule(path: string): void {
  using file = openForReading(path);
  const call = SYS_finit_module[Deno.build.arch]!;
  const result = libc().syscall_finit_module(call, BigInt(file.number), cString(""), 0n);
  if (result >= 0n) return;
  const number = errno();
  if (number !== errnoOf("EEXIST")) throw new SystemError(number, `load ${path}`);
}

/** Sets the clock. @param ms since 1970 @throws {SystemError} if this process may not. */
export function setClock(ms: number): void {
  const seconds = Math.floor(ms / 1000);
  const time = new BigInt64Array([
    BigInt(seconds),
    BigInt(Math.round((ms - seconds * 1000) * 1e6)),
  ]);
  checked(libc().clock_settime(CLOCK_REALTIME, time), "set the clock");
}

/** Sets the host name. @throws {SystemError} if this process may not. */
export function setHostname(name: string): void {
  const bytes = new TextEncoder().encode(name);
  checked(libc().sethostname(bytes, BigInt(bytes.length)), "set the host name");
}

/** Brings a network interface up. @throws {SystemError} if there is no such interface. */
export function bringUp(name: string): void {
  using socket = Fd.own(checked(libc().socket(AF_INET, SOCK_DGRAM, 0), "open a socket"));
  const request = new Uint8Array(IFREQ_BYTES);
  request.set(new TextEncoder().encode(name));
  new DataView(request.buffer).setInt16(IFREQ_FLAGS, IFF_UP, true);
  checked(libc().ioctl(socket.number, SIOCSIFFLAGS, request), `bring up ${name}`);
}

/**
 * Adds random bytes to the kernel's entropy pool and reseeds its generator, so that nothing derived
 * from the earlier state is used again.
 *
 * @throws {SystemError} if this process may not.
 */
export function addEntropy(bytes: Uint8Array): void {
  using random = Fd.own(checked(libc().open(cString("/dev/urandom"), 1, 0), "open /dev/urandom"));
  // struct rand_pool_info { int entropy_count; int buf_size; __u32 buf[]; }
  const info = new Uint8Array(8 + bytes.length);
  new DataView(info.buffer).setInt32(0, bytes.length * 8, true);
  new DataView(info.buffer).setInt32(4, bytes.length, true);
  info.set(bytes, 8);
  checked(libc().ioctl(random.number, RNDADDENTROPY, info), "add entropy");
  checked(libc().ioctl(random.number, RNDRESEEDCRNG, info), "use the entropy");
}

/** Blocks this thread for `ms` milliseconds. */
export function sleep(ms: number): void {
  libc().pollNow(new Uint8Array(), 0n, ms);
}

/** Writes everything to disk. */
export function sync(): void {
  libc().sync();
}

/** Writes everything to disk and switches the machine off. */
export function powerOff(): void {
  sync();
  libc().reboot(RB_POWER_OFF | 0);
}
