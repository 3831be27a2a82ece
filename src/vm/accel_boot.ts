// Booting with the best accelerator: KVM that turns out to be useless is given up for TCG.

import { writeStderr } from "../host/stderr_tail.ts";
import { TimeLimitError } from "../host/time_limit.ts";
import type { KernelArch } from "../machine/architectures.ts";
import { MachineError } from "../machine/machine_error.ts";
import {
  type AccelDecision,
  type AccelFacts,
  decideAccel,
  type WantedAccel,
  whyLate,
} from "../qemu/accel.ts";
import { memoryPath, type Outcome, readAccelFacts, rememberFirstBoot } from "../qemu/accel_host.ts";

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

const explained = new Set<string>();

/** Has nothing be explained from now on, where stderr is for somebody on another machine. */
export function explainNothing(): void {
  explained.add("nothing");
}

/** This machine; it explains itself on stderr, once a process. */
const THIS_HOST: AccelHost = {
  readFacts: readAccelFacts,
  remember: rememberFirstBoot,
  explain(line) {
    if (explained.size > 0) return;
    explained.add(line);
    void writeStderr(new TextEncoder().encode(`${line}\n`));
  },
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

/**
 * Calls `boot` with an accelerator and the time that it has. With `"auto"` the first boot with KVM on a host is
 * watched: when it is not ready in a third of its time, or QEMU cannot use KVM, `boot` is called once more with
 * TCG. Where that was quicker it is remembered: KVM is not tried again for a day.
 *
 * @throws {MachineError} if KVM is insisted on and there is none. @throws whatever the last boot throws.
 */
export async function bootAccelerated<T>(
  { wanted, limitMs, qemu, arch }: AcceleratedBoot,
  boot: (accel: "kvm" | "tcg", limitMs: number) => Promise<T>,
  host: AccelHost = THIS_HOST,
): Promise<T> {
  const facts = wanted === "tcg" ? undefined : host.readFacts(qemu);
  const { accel, why, isRemembered }: AccelDecision = facts === undefined
    ? { accel: "tcg" }
    : decide(wanted, facts, arch);
  const isReady = facts?.firstBoot?.outcome === "ready";
  const isKnown = why === undefined && (accel === "tcg" || isReady);
  if (wanted !== "auto" || isKnown) return await boot(accel, limitMs);
  if (why !== undefined) {
    return await bootEmulated(isRemembered ? `${why}, or after rm ${memoryPath()}` : why);
  }
  const kvmMs = firstBootMs(limitMs);
  try {
    const machine = await boot("kvm", kvmMs);
    host.remember(qemu, { outcome: "ready" });
    return machine;
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    if (error.cause instanceof TimeLimitError) return await bootAfterLate();
    if (error.phase !== "start" || !/kvm/i.test(error.consoleTail)) throw error;
    return await bootEmulated("QEMU cannot use KVM");
  }

  async function bootAfterLate(): Promise<T> {
    const startMs = host.now();
    const machine = await bootEmulated(
      `${
        whyLate(kvmMs)
      }; if emulation is quicker, it is tried again a day later, or after rm ${memoryPath()}`,
    );
    const tcgMs = host.now() - startMs;
    if (tcgMs < kvmMs) host.remember(qemu, { outcome: "crawled", kvmMs, tcgMs });
    return machine;
  }

  async function bootEmulated(reason: string): Promise<T> {
    const line = `execvm: virtual machines run in software emulation, which is slow: ${reason}`;
    host.explain(line);
    try {
      return await boot("tcg", limitMs);
    } catch (error) {
      throw error instanceof MachineError ? withNote(error, line) : error;
    }
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
    throw new MachineError((error as Error).message, "start", [], "", error);
  }
}
