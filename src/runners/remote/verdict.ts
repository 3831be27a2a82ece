// The report of a remote execvm on how a command ended, which an exit code alone cannot convey.
// Pure.

import { isSignalName } from "../../libc/signals.ts";
import type { CommandEnd } from "../contract/runner.ts";
import { saidMark } from "../contract/said_mark.ts";

/** Why the command has no exit status to report: the machinery on the remote host failed. */
export interface RemoteFailure {
  readonly message: string;
  /** The phase that the runner there was in. */
  readonly phase: string;
  /** The last lines that the machinery printed. */
  readonly consoleTail: string;
}

/** How the command ended, or why that is unknown. */
export type RemoteVerdict = CommandEnd | { readonly failure: RemoteFailure };

/** Encodes a verdict as one line of plain ASCII: JSON in base64. */
export function formatVerdict(verdict: RemoteVerdict): string {
  return new TextEncoder().encode(JSON.stringify(verdict)).toBase64();
}

/**
 * Decodes a line; `undefined` if it is not a verdict. The line is untrusted, so every field is
 * checked.
 */
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

/** The most characters of a verdict that fit into the part of a command's stderr that is kept. */
const MAX_SAID = 6000;

/**
 * Formats a verdict as a marked last line on stderr, where there is no other channel. A failure
 * that is too long loses its console tail and the end of its message.
 */
export function saidVerdict(verdict: RemoteVerdict, token: string): string {
  const line = formatVerdict(verdict);
  if (line.length <= MAX_SAID || !("failure" in verdict)) return `${saidMark(token)}${line}\n`;
  const message = verdict.failure.message.slice(0, MAX_SAID / 8);
  return saidVerdict({ failure: { ...verdict.failure, message, consoleTail: "" } }, token);
}

/** Splits the end of a command's stderr into the verdict on its marked line and the rest. */
export function hearVerdict(
  words: string,
  token: string,
): { readonly verdict: RemoteVerdict | undefined; readonly rest: string } {
  const start = words.lastIndexOf(saidMark(token));
  if (start < 0) return { verdict: undefined, rest: words };
  const [line = "", ...after] = words.slice(start + saidMark(token).length).split("\n");
  return { verdict: parseVerdict(line), rest: words.slice(0, start) + after.join("\n") };
}

/**
 * Returns the message of a remote failure for people here. If it advises to run `execvm`, the path
 * of the remote execvm is added, because that may not be in PATH there.
 */
export function retell({ message }: RemoteFailure, execvm: readonly string[]): string {
  const isThere = /\bexecvm [a-z]/.test(message) && execvm.at(-1)?.startsWith("/") === true;
  return isThere ? `${message}; on the remote host, execvm is ${execvm.at(-1)}` : message;
}
