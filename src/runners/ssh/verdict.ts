// Derives how the remote command ended from how ssh ended. Pure.

import { isFatal, type SignalName } from "../../libc/signals.ts";
import type { ExitStatus } from "../../libc/spawn.ts";

/** How ssh ended, if its exit status does not say how the command ended. */
export interface SshEnd {
  readonly status: ExitStatus;
  /** The command's note on the remote host; `undefined` without an answer. */
  readonly note: string | undefined;
  /** The last fatal signal that we sent to the command. */
  readonly fatal: SignalName | undefined;
  /** The messages of ssh. */
  readonly words: string;
}

/**
 * How the command ended: with an exit code as a shell reports it, by a signal, or unknown, as ssh
 * failed.
 */
export type Verdict =
  | { readonly exitCode: number }
  | { readonly signal: SignalName }
  | { readonly failure: string };

/** ssh(1): the exit status of the command, or 255 if an error occurred. */
const FAILED = 255;

/** Whether only the remote host knows how the command ended. */
export function isAmbiguous({ code }: ExitStatus): boolean {
  return code === undefined || code === FAILED;
}

/** The note of a command that has ended. */
const ENDED = /^ended (\d+)/;

/** Whether the note says that the remote program has ended. */
export function hasEnded(note: string | undefined): boolean {
  return ENDED.test(note ?? "");
}

/**
 * Decides whether an exit code of 255 came from the command or from ssh, and how the command ended.
 */
export function interpretExit({ status, note, fatal, words }: SshEnd): Verdict {
  const [, exitCode] = ENDED.exec(note ?? "") ?? [];
  if (exitCode !== undefined) return { exitCode: Number(exitCode) };
  if (note === "folder") return { failure: "its folder does not exist, or is not a folder" };
  if (fatal !== undefined && isFatal(fatal)) return { signal: fatal };
  if (status.signal !== undefined) return { failure: `ssh was killed by ${status.signal}` };
  return { failure: explain(words) };
}

/** The client's messages if the server closes a connection before the login. */
const TURNED_AWAY = /^(?:Connection (?:closed|reset) by |ssh_exchange_identification: )/;

/** Like {@linkcode explain}, for a connection that could not be made. */
export function explainConnect(words: string): string {
  const fact = explain(words);
  if (!TURNED_AWAY.test(fact)) return fact;
  // The server sends the reason, but the client only shows it with -v.
  return `${fact}: after failed logins a server may refuse an address for up to ten minutes ` +
    "(PerSourcePenalties, OpenSSH 9.8 and newer): wait, or exempt this address on the server";
}

/** Returns the last error of ssh, and what to do about it if ssh does not say that itself. */
export function explain(words: string): string {
  const lines = words.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  const last = lines.at(-1) ?? "the connection was lost";
  if (/HOST IDENTIFICATION HAS CHANGED/.test(words)) {
    return `${last} The key is not the known one: if that is expected, run ssh-keygen -R HOST`;
  }
  if (/^Host key verification failed/.test(last)) {
    return `${last} The key is not known: run ssh HOST once by hand, or add it to known_hosts`;
  }
  if (/Permission denied \(/.test(last)) return `${last} Use another user, or give an identity`;
  return last;
}
