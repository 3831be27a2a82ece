// Booting with the best accelerator: KVM that turns out to be useless is given up for TCG.

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
 * What a first boot with KVM has of the time to boot, and at least. One that works takes a second, on a slow
 * machine some more; one that does not, minutes.
 */
const FIRST_BOOT_PART = 1 / 3;
const FIRST_BOOT_MS = 10_000;

/** The machine that it is about, so that tests can have another one. */
export interface AccelHost {
  readFacts(qemu: string): AccelFacts;
  remember(qemu: string, outcome: Outcome): void;
  /** Takes the explanation, a line, when KVM is not used. */
  explain(line: string): void;
  /** Milliseconds since some time. */
  now(): number;
}

/** This machine; it explains itself on stderr, once a day. */
const THIS_HOST: AccelHost = {
  readFacts: readAccelFacts,
  remember: rememberFirstBoot,
  explain: (line) => tellDaily("emulation", line),
  now: () => performance.now(),
};

/** What is booted. */
export interface AcceleratedBoot {
  readonly wanted: WantedAccel;
  readonly limitMs: number;
  /** QEMU's program. */
  readonly qemu: string;
  /** What the guest is of: another than this machine's can only be emulated. @default this machine's */
  readonly arch?: KernelArch;
}

/** Boots with an accelerator, in the time that it has. */
type Boot<T> = (accel: "kvm" | "tcg", limitMs: number) => Promise<T>;

/**
 * Calls `boot` with an accelerator and the time that it has. With `"auto"` the first boot with KVM on a host is
 * watched: when it is not ready in a third of its time, or QEMU cannot use KVM, `boot` is called once more with
 * TCG. Where that was quicker it is remembered: KVM is not tried again for a day. Where it was not, the next
 * boot with KVM in this process has all the time, so that it is used if it is ready by then.
 *
 * @throws {MachineError} if KVM is insisted on and there is none. @throws whatever the last boot throws.
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

/** A boot with KVM, in `kvmMs`, of which it is not known yet how it goes. */
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
  const next = "KVM is left alone for a day if emulation is quicker";
  const reason = `${whyLate(kvmMs)}; ${next} (to have it tried again: rm ${memoryPath()})`;
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

/** The error, with a line before those of the console. */
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
