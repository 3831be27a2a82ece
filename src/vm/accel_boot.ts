// Booting with the best accelerator: KVM that turns out to be useless is given up for TCG.

import { writeStderr } from "../host/stderr_tail.ts";
import { TimeLimitError } from "../host/time_limit.ts";
import type { KernelArch } from "../machine/architectures.ts";
import { MachineError } from "../machine/machine_error.ts";
import {
  type AccelDecision,
  type AccelFacts,
  CRAWLED,
  decideAccel,
  type WantedAccel,
} from "../qemu/accel.ts";
import { memoryPath, readAccelFacts, rememberFirstBoot } from "../qemu/accel_host.ts";

/** A boot with KVM that works takes a second; one that does not, minutes. */
const FIRST_BOOT_MS = 10_000;

/** The machine that it is about, so that tests can have another one. */
export interface AccelHost {
  readFacts(): AccelFacts;
  remember(outcome: "ready" | "crawled"): void;
  /** Takes the explanation, a line, when KVM is not used. */
  explain(line: string): void;
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
};

/** What is booted. */
export interface AcceleratedBoot {
  readonly wanted: WantedAccel;
  readonly limitMs: number;
  /** What the guest is of: another than this machine's can only be emulated. @default this machine's */
  readonly arch?: KernelArch;
}

/**
 * Calls `boot` with an accelerator and the time that it has. With `"auto"` the first boot with KVM on a host is
 * watched: when it is not ready soon, or QEMU cannot use KVM, `boot` is called once more with TCG.
 *
 * @throws {MachineError} if KVM is insisted on and there is none. @throws whatever the last boot throws.
 */
export async function bootAccelerated<T>(
  { wanted, limitMs, arch }: AcceleratedBoot,
  boot: (accel: "kvm" | "tcg", limitMs: number) => Promise<T>,
  host: AccelHost = THIS_HOST,
): Promise<T> {
  const facts = wanted === "tcg" ? undefined : host.readFacts();
  const { accel, why } = facts === undefined
    ? { accel: "tcg" } as const
    : decide(wanted, facts, arch);
  const isKnown = why === undefined && (accel === "tcg" || facts?.firstBoot === "ready");
  if (wanted !== "auto" || isKnown) return await boot(accel, limitMs);
  if (why !== undefined) return await bootEmulated(why);
  try {
    const machine = await boot("kvm", Math.min(limitMs, FIRST_BOOT_MS));
    host.remember("ready");
    return machine;
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    const isLate = error.cause instanceof TimeLimitError;
    if (isLate) host.remember("crawled");
    else if (error.phase !== "start" || !/kvm/i.test(error.consoleTail)) throw error;
    return await bootEmulated(
      isLate ? `${CRAWLED} (remove ${memoryPath()} to try again)` : "QEMU cannot use KVM",
    );
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
