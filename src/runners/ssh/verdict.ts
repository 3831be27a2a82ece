// What the end of ssh means for the command at the far side. Pure.

import { isFatal, type SignalName } from "../../libc/signals.ts";
import type { ExitStatus } from "../../libc/spawn.ts";

/** How ssh ended, where its code does not say how the command did. */
export interface SshEnd {
  readonly status: ExitStatus;
  /** What the far side has noted of the command; `undefined` if it does not answer. */
  readonly note: string | undefined;
  /** The last signal from us that was to end the command. */
  readonly fatal: SignalName | undefined;
  /** What ssh has said. */
  readonly words: string;
}

/** How the command ended: with this code as a shell tells it, by this signal, or not, as ssh failed. */
export type Verdict =
  | { readonly exitCode: number }
  | { readonly signal: SignalName }
  | { readonly failure: string };

/** ssh(1): the exit status of the command, or 255 if an error occurred. */
const FAILED = 255;

/** Whether only the far side knows what became of the command. */
export function isAmbiguous({ code }: ExitStatus): boolean {
  return code === undefined || code === FAILED;
}

/** How the far side notes that what it ran has ended. */
const ENDED = /^ended (\d+)/;

/** Whether what the far side ran has ended, as it notes. */
export function hasEnded(note: string | undefined): boolean {
  return ENDED.test(note ?? "");
}

/** Decides what was ambiguous. */
export function interpretExit({ status, note, fatal, words }: SshEnd): Verdict {
  const [, exitCode] = ENDED.exec(note ?? "") ?? [];
  if (exitCode !== undefined) return { exitCode: Number(exitCode) };
  if (note === "folder") return { failure: "its folder is not there, or is none" };
  if (fatal !== undefined && isFatal(fatal)) return { signal: fatal };
  if (status.signal !== undefined) return { failure: `ssh was ended by ${status.signal}` };
  return { failure: explain(words) };
}

/** How the client tells that the server has ended a connection before the login. */
const TURNED_AWAY = /^(?:Connection (?:closed|reset) by |ssh_exchange_identification: )/;

/** As {@linkcode explain}, of a connection that does not come to be. */
export function explainConnect(words: string): string {
  const fact = explain(words);
  if (!TURNED_AWAY.test(fact)) return fact;
  // The server says so, but the client shows it with -v only.
  return `${fact}: after failed logins a server may refuse an address for up to ten minutes ` +
    "(PerSourcePenalties, OpenSSH 9.8 and newer): wait, or have it exempt this address";
}

/** The last of what ssh says is wrong, and what to do where it does not say that itself. */
export function explain(words: string): string {
  const lines = words.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  const last = lines.at(-1) ?? "the connection was lost";
  if (/HOST IDENTIFICATION HAS CHANGED/.test(words)) {
    return `${last} It is not the one that is known: if that is right, ssh-keygen -R HOST`;
  }
  if (/^Host key verification failed/.test(last)) {
    return `${last} It is not known: run ssh HOST once by hand, or add it to known_hosts`;
  }
  if (/Permission denied \(/.test(last)) return `${last} Take another user, or give an identity`;
  return last;
}
