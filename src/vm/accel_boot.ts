// Boots with the best accelerator, and falls back from KVM to TCG if KVM turns out not to work.

import { TimeLimitError } from "../host/time_limit.ts";
import type { KernelArch } from "../machine/architectures.ts";
import { MachineError } from "../machine/machine_error.ts";
import { messageOf } from "../model/errors.ts";
import {
  type AccelDecision,
  type AccelFacts,
  decideAccel,
  type WantedAccel,
  whyLate,
} from "../qemu/accel.ts";
import { memoryPath, type Outcome, readAccelFacts, rememberFirstBoot } from "../qemu/accel_host.ts";
import { tellDaily } from "./notices.ts";

/**
 * The share of the boot timeout that a first boot with KVM gets, and its minimum. Where KVM works,
 * a boot takes a second, or a few on a slow host; where it does not, minutes.
 */
const FIRST_BOOT_PART = 1 / 3;
const FIRST_BOOT_MS = 10_000;

/** Access to the host; tests substitute it. */
export interface AccelHost {
  readFacts(qemu: string): AccelFacts;
  remember(qemu: string, outcome: Outcome): void;
  /** Receives a line that explains why KVM is not used. */
  explain(line: string): void;
  /** Milliseconds of a monotonic clock. */
  now(): number;
}

/** This host; explanations go to stderr, once a day. */
const THIS_HOST: AccelHost = {
  readFacts: readAccelFacts,
  remember: rememberFirstBoot,
  explain: (line) => tellDaily("emulation", line),
  now: () => performance.now(),
};

/** A boot to make. */
export interface AcceleratedBoot {
  readonly wanted: WantedAccel;
  readonly limitMs: number;
  /** The QEMU program: a name or path. */
  readonly qemu: string;
  /**
   * The guest's architecture; another one than the host's can only be emulated.
   *
   * @default the host's
   */
  readonly arch?: KernelArch;
}

/** Boots with an accelerator within a time limit. */
type Boot<T> = (accel: "kvm" | "tcg", limitMs: number) => Promise<T>;

/**
 * Calls `boot` with an accelerator and a time limit. With `"auto"` the first boot with KVM on a
 * host gets a third of the limit: if it is not ready by then, or QEMU cannot use KVM, `boot` is
 * called again with TCG. If that is faster, KVM is not tried again for a day. If not, the next boot
 * with KVM in this process gets the whole limit, and KVM is used from then on if it is ready in
 * time.
 *
 * @throws {MachineError} if `wanted` is `kvm` and KVM cannot be used.
 * @throws what the last call of `boot` throws.
 */
export async function bootAccelerated<T>(
  request: AcceleratedBoot,
  boot: Boot<T>,
  host: AccelHost = THIS_HOST,
): Promise<T> {
  const { wanted, limitMs, qemu, arch } = request;
  if (wanted === "tcg") return await boot("tcg", limitMs);
  const facts = host.readFacts(qemu);
  const { accel, why, isRemembered } = decide(wanted, facts, arch);
  if (why !== undefined) {
    const reason = isRemembered ? `${why}, or after rm ${memoryPath()}` : why;
    return await bootEmulated(reason, limitMs, boot, host);
  }
  const known = facts.firstBoot?.outcome;
  const isSettled = wanted === "kvm" || accel === "tcg" || known === "ready";
  if (isSettled) return await boot(accel, limitMs);
  return await bootWatched(request, known === "late" ? limitMs : firstBootMs(limitMs), boot, host);
}

/** Makes a first boot with KVM, within `kvmMs`, and remembers how it went. */
async function bootWatched<T>(
  { limitMs, qemu }: AcceleratedBoot,
  kvmMs: number,
  boot: Boot<T>,
  host: AccelHost,
): Promise<T> {
  try {
    const machine = await boot("kvm", kvmMs);
    host.remember(qemu, { outcome: "ready" });
    return machine;
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    if (!(error.cause instanceof TimeLimitError)) {
      if (error.phase !== "start" || !/kvm/i.test(error.consoleTail)) throw error;
      return await bootEmulated("QEMU cannot use KVM", limitMs, boot, host);
    }
  }
  const next = "KVM is not used for a day if emulation is faster";
  const reason = `${whyLate(kvmMs)}; ${next} (to try it again: rm ${memoryPath()})`;
  const startMs = host.now();
  let isReady = false;
  try {
    const machine = await bootEmulated(reason, limitMs, boot, host);
    isReady = true;
    return machine;
  } finally {
    const tcgMs = host.now() - startMs;
    const isQuicker = isReady && tcgMs < kvmMs;
    host.remember(qemu, isQuicker ? { outcome: "crawled", kvmMs, tcgMs } : { outcome: "late" });
  }
}

async function bootEmulated<T>(
  reason: string,
  limitMs: number,
  boot: Boot<T>,
  host: AccelHost,
): Promise<T> {
  const line = `execvm: virtual machines run in software emulation, which is slow: ${reason}`;
  host.explain(line);
  try {
    return await boot("tcg", limitMs);
  } catch (error) {
    throw error instanceof MachineError ? withNote(error, line) : error;
  }
}

function firstBootMs(limitMs: number): number {
  return Math.min(limitMs, Math.max(FIRST_BOOT_MS, Math.floor(limitMs * FIRST_BOOT_PART)));
}

/** Returns a copy of the error with a line in front of the console's. */
function withNote(error: MachineError, line: string): MachineError {
  const { message, phase, argv, consoleTail, cause } = error;
  return new MachineError(message, phase, argv, `${line}\n${consoleTail}`.trimEnd(), cause);
}

function decide(
  wanted: WantedAccel,
  facts: AccelFacts,
  arch: KernelArch | undefined,
): AccelDecision {
  try {
    return decideAccel(wanted, facts, arch);
  } catch (error) {
    throw new MachineError(messageOf(error), "start", [], "", error);
  }
}
