// The loop of the guest: it waits in poll(2), in this one thread, and calls who waits for what. There are no
// promises and no timers: in a machine that has just been restored, each piece of code that runs for the
// first time costs the emulator some 10 us, and those of an event loop are many thousands.

import type { Fd } from "../libc/fd.ts";
import { libc } from "../libc/libc.ts";
import { reapOrphans } from "../libc/spawn.ts";

// struct pollfd { int fd; short events; short revents; } (poll.h)
const POLLFD_WORDS = 4;
const EVENTS = 2;
const REVENTS = 3;

/** How long an orphan that has ended may stay, in milliseconds, while a command runs. */
const REAP_MS = 250;

interface Watch {
  readonly fd: Fd;
  readonly events: number;
  readonly onReady: () => void;
}

/** Calls those who wait, as long as somebody does. */
export class Loop {
  #watches: readonly Watch[] = [];
  #pollfds = new Int16Array();
  #bytes = new Uint8Array();
  #isChanged = false;
  #isOver = false;
  #reapedMs = 0;
  readonly #beforeWaiting: () => void;

  /** Whether a command runs, which may leave orphans to us. */
  isBusy = false;

  /** @param beforeWaiting called each time, before the loop waits */
  constructor(beforeWaiting: () => void = () => {}) {
    this.#beforeWaiting = beforeWaiting;
  }

  /**
   * Calls `onReady` each time that `fd` is ready for any of `events`, or has an error or hang-up, until
   * it is disposed, which comes before the descriptor is closed.
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

  /** Runs until it is told to end. */
  run(): void {
    while (!this.#isOver) this.#turn();
  }

  /** Ends it after this turn. */
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
      // One that was called before it may have stopped waiting for this one.
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

  /** Orphans come to the first process, which has to wait for them or they stay as zombies. */
  #reap(): void {
    const now = Date.now();
    if (Math.abs(now - this.#reapedMs) < REAP_MS) return;
    this.#reapedMs = now;
    reapOrphans();
  }
}
