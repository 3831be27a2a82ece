// The guest's event loop: waits in poll(2), in one thread, and calls back when a descriptor is
// ready. There are no promises and no timers: in a machine that has just been restored, each piece
// of code that runs for the first time costs the emulator some 10 us, and the runtime's event loop
// has many thousands.

import type { Fd } from "../libc/fd.ts";
import { libc } from "../libc/libc.ts";
import { reapOrphans } from "../libc/spawn.ts";

// struct pollfd { int fd; short events; short revents; } (poll.h)
const POLLFD_WORDS = 4;
const EVENTS = 2;
const REVENTS = 3;

/** How long an orphan may stay a zombie, in milliseconds, while a command runs. */
const REAP_MS = 250;

interface Watch {
  readonly fd: Fd;
  readonly events: number;
  readonly onReady: () => void;
}

/** Waits for descriptors and calls the callbacks of those that are ready. */
export class Loop {
  #watches: readonly Watch[] = [];
  #pollfds = new Int16Array();
  #bytes = new Uint8Array();
  #isChanged = false;
  #isOver = false;
  #reapedMs = 0;
  readonly #beforeWaiting: () => void;

  /** Whether a command runs, which may leave orphans for us to reap. */
  isBusy = false;

  /** @param beforeWaiting called each time before the loop waits */
  constructor(beforeWaiting: () => void = () => {}) {
    this.#beforeWaiting = beforeWaiting;
  }

  /**
   * Calls `onReady` each time that `fd` is ready for any of `events`, or has an error or hang-up,
   * until the result is disposed; dispose it before closing the descriptor.
   */
  watch(fd: Fd, events: number, onReady: () => void): Disposable {
    const watch: Watch = { fd, events, onReady };
    this.#watches = [...this.#watches, watch];
    this.#isChanged = true;
    return {
      [Symbol.dispose]: () => {
        this.#watches = this.#watches.filter((other) => other !== watch);
        this.#isChanged = true;
      },
    };
  }

  /** Runs until {@linkcode end} is called. */
  run(): void {
    while (!this.#isOver) this.#turn();
  }

  /** Ends the loop after this turn. */
  end(): void {
    this.#isOver = true;
  }

  #turn(): void {
    this.#beforeWaiting();
    if (this.#isChanged) this.#describe();
    const watches = this.#watches;
    const pollfds = this.#pollfds;
    libc().pollNow(this.#bytes, BigInt(watches.length), this.isBusy ? REAP_MS : -1);
    this.#reap();
    for (let index = 0; index < watches.length; index++) {
      if (pollfds[index * POLLFD_WORDS + REVENTS] === 0) continue;
      const watch = watches[index]!;
      // A callback of this turn may have disposed the watch.
      if (!this.#isChanged || this.#watches.includes(watch)) watch.onReady();
    }
  }

  #describe(): void {
    this.#isChanged = false;
    this.#pollfds = new Int16Array(this.#watches.length * POLLFD_WORDS);
    this.#bytes = new Uint8Array(this.#pollfds.buffer);
    const numbers = new Int32Array(this.#pollfds.buffer);
    for (let index = 0; index < this.#watches.length; index++) {
      const { fd, events } = this.#watches[index]!;
      numbers[index * POLLFD_WORDS / 2] = fd.number;
      this.#pollfds[index * POLLFD_WORDS + EVENTS] = events;
    }
  }

  /**
   * Reaps orphans, which the kernel gives to the first process, so that they do not stay zombies.
   */
  #reap(): void {
    const now = Date.now();
    if (Math.abs(now - this.#reapedMs) < REAP_MS) return;
    this.#reapedMs = now;
    reapOrphans();
  }
}
