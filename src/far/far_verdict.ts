// What the execvm at the far side tells of a command's end, as codes cannot tell all of it apart. Pure.

import type { ExitStatus } from "../libc/spawn.ts";
import { isSignalName } from "../libc/signals.ts";

/** Why there is no end of the command to tell: the machinery over there failed. */
export interface FarFailure {
  readonly message: string;
  /** What the runner over there was doing. */
  readonly phase: string;
  /** The last lines that its machinery printed. */
  readonly consoleTail: string;
}

/** How the command ended, or that it did not. */
export type FarVerdict = ExitStatus | { readonly failure: FarFailure };

/** One line of plain ASCII. */
export function formatVerdict(verdict: FarVerdict): string {
  return new TextEncoder().encode(JSON.stringify(verdict)).toBase64();
}

/** The verdict of a line; `undefined` if it is none. What it says comes from outside. */
export function parseVerdict(line: string): FarVerdict | undefined {
  const { code, signal, failure } = toFields(line);
  if (Number.isInteger(code)) return { code: code as number & 0xff };
  if (typeof signal === "string" && isSignalName(signal)) return { signal };
  const { message, phase, consoleTail } = Object(failure) as Readonly<Record<string, unknown>>;
  if (typeof message !== "string") return undefined;
  return { failure: { message, phase: String(phase), consoleTail: String(consoleTail ?? "") } };
}

function toFields(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(line))));
  } catch {
    return {};
  }
}
