// What the execvm at the far side tells of a command's end, as codes cannot tell all of it apart. Pure.

import { isSignalName } from "../../libc/signals.ts";
import type { CommandEnd } from "../contract/runner.ts";
import { saidMark } from "../contract/said_mark.ts";

/** Why there is no end of the command to tell: the machinery over there failed. */
export interface RemoteFailure {
  readonly message: string;
  /** What the runner over there was doing. */
  readonly phase: string;
  /** The last lines that its machinery printed. */
  readonly consoleTail: string;
}

/** How the command ended, or that it did not. */
export type RemoteVerdict = CommandEnd | { readonly failure: RemoteFailure };

/** One line of plain ASCII. */
export function formatVerdict(verdict: RemoteVerdict): string {
  return new TextEncoder().encode(JSON.stringify(verdict)).toBase64();
}

/** The verdict of a line; `undefined` if it is none. What it says comes from outside. */
export function parseVerdict(line: string): RemoteVerdict | undefined {
  const { code, signal, failure, link } = toFields(line);
  const which = Number.isInteger(link) ? { link: link as number } : {};
  if (Number.isInteger(code)) return { code: code as number & 0xff, ...which };
  if (typeof signal === "string" && isSignalName(signal)) return { signal, ...which };
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

/** Characters of a verdict that still fit into what is kept of a command's stderr. */
const MAX_SAID = 6000;

/** A verdict as the last words on stderr, where there is no other way for it. */
export function saidVerdict(verdict: RemoteVerdict, token: string): string {
  const line = formatVerdict(verdict);
  if (line.length <= MAX_SAID || !("failure" in verdict)) return `${saidMark(token)}${line}\n`;
  const message = verdict.failure.message.slice(0, MAX_SAID / 8);
  return saidVerdict({ failure: { ...verdict.failure, message, consoleTail: "" } }, token);
}

/** What was said, and the words without it. */
export function hearVerdict(
  words: string,
  token: string,
): { readonly verdict: RemoteVerdict | undefined; readonly rest: string } {
  const start = words.lastIndexOf(saidMark(token));
  if (start < 0) return { verdict: undefined, rest: words };
  const [line = "", ...after] = words.slice(start + saidMark(token).length).split("\n");
  return { verdict: parseVerdict(line), rest: words.slice(0, start) + after.join("\n") };
}

/** What failed over there, for people here: if that names execvm, then with where it is. */
export function retell({ message }: RemoteFailure, execvm: readonly string[]): string {
  const isThere = /\bexecvm [a-z]/.test(message) && execvm.at(-1)?.startsWith("/") === true;
  return isThere ? `${message}; over there execvm is ${execvm.at(-1)}` : message;
}
