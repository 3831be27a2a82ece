// Waits for descriptors: one poll(2) in one thread, for any number of pipes and processes.
//
// Deno has a small pool of threads for blocking calls. A thread for each waiting read or waitpid
// would exhaust it and then deadlock; one poll over all of them cannot.

import { checked, Fd } from "./fd.ts";
import { libc } from "./libc.ts";

// poll.h; POLLERR and POLLHUP are reported whether asked for or not.
export const POLLIN = 0x1;
export const POLLOUT = 0x4;

// sys/eventfd.h
const EFD_CLOEXEC_NONBLOCK = 0o2004000;

// struct pollfd { int fd; short events; short revents; }
const POLLFD_BYTES = 8;

/** A wait for a descriptor; disposing it gives up waiting. */
export interface Waiter extends Disposable {
  /** Resolves once the descriptor is ready or closed; never after the waiter is disposed. */
  readonly ready: Promise<void>;
}

interface Entry {
  readonly fd: number;
  readonly events: number;
  readonly resolve: () => void;
}

const entries = new Set<Entry>();
let wake: Fd | undefined;
let running: Promise<void> | undefined;
let sleeping = false;
/**
 * Resolves when the next waiter is added; set only while {@linkcode reactorIdle} waits for that.
 */
let joined: PromiseWithResolvers<void> | undefined;

/**
 * Waits until a descriptor is ready for any of `events`, or has an error or hang-up.
 *
 * @param events {@linkcode POLLIN}, {@linkcode POLLOUT}, both, or 0 to wait for an error or hang-up
 * only: so a writer learns that its readers are gone
 */
export function waitFor(fd: Fd, events: number): Waiter {
  const { promise, resolve } = Promise.withResolvers<void>();
  const entry: Entry = { fd: fd.number, events, resolve };
  const leave = () => {
    if (entries.delete(entry)) interrupt();
  };
  const closing = fd.onClose(() => {
    leave();
    resolve();
  });
  entries.add(entry);
  joined?.resolve();
  joined = undefined;
  interrupt();
  running ??= run();
  return {
    ready: promise,
    [Symbol.dispose]() {
      closing[Symbol.dispose]();
      leave();
    },
  };
}

/**
 * Resolves when no poll is running in a thread any more, or when a new waiter is added: a caller
 * that has finished must not wait for what others have begun in the meantime.
 */
export async function reactorIdle(): Promise<void> {
  if (entries.size > 0 || running === undefined) return;
  joined ??= Promise.withResolvers();
  await Promise.race([running, joined.promise]);
}

async function run(): Promise<void> {
  try {
    await letOthersJoin();
    while (entries.size > 0) {
      await pollOnce();
      await letOthersJoin();
    }
  } finally {
    running = undefined;
  }
}

async function pollOnce(): Promise<void> {
  wake ??= Fd.own(checked(libc().eventfd(0, EFD_CLOEXEC_NONBLOCK), "make an eventfd"));
  const waiting = [...entries];
  const fds = pollfds([{ fd: wake.number, events: POLLIN }, ...waiting]);
  const length = BigInt(waiting.length + 1);
  if (libc().pollNow(fds, length, 0) === 0) {
    sleeping = true;
    await libc().poll(fds, length, -1); // if it fails by EINTR, all revents are 0: poll again
    sleeping = false;
  }
  const view = new DataView(fds.buffer);
  if (revents(view, 0) !== 0) libc().read(wake.number, new Uint8Array(8), 8n);
  waiting.forEach((entry, index) => {
    if (revents(view, index + 1) !== 0 && entries.delete(entry)) entry.resolve();
  });
}

/**
 * Microtasks to yield: as many as a caller needs from its wake-up, or from a spawn, to its next
 * wait.
 */
const TURNS = 32;

/** Lets other callers add their waiters first, since each poll in a thread costs some 40 us. */
async function letOthersJoin(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await undefined;
}

function interrupt(): void {
  if (!sleeping || wake === undefined) return;
  sleeping = false;
  libc().write(wake.number, new BigUint64Array([1n]), 8n);
}

function pollfds(waiting: readonly { fd: number; events: number }[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(waiting.length * POLLFD_BYTES);
  const view = new DataView(bytes.buffer);
  waiting.forEach(({ fd, events }, index) => {
    view.setInt32(index * POLLFD_BYTES, fd, true);
    view.setInt16(index * POLLFD_BYTES + 4, events, true);
  });
  return bytes;
}

function revents(view: DataView, index: number): number {
  return view.getInt16(index * POLLFD_BYTES + 6, true);
}
