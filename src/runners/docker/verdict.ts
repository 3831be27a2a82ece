// Derives how the command in a container ended from how docker's command line ended. Pure.

import type { SignalName } from "../../libc/signals.ts";
import type { ExitStatus } from "../../libc/spawn.ts";
import type { ContainerFate } from "./engine.ts";

/** How docker's command line ended. */
export interface DockerEnd {
  readonly status: ExitStatus;
  /**
   * The end of stderr, of docker and of the command; unknown with a terminal, which has shown it.
   */
  readonly words: string | undefined;
  /** The first fatal signal that we sent to the command. */
  readonly fatal: SignalName | undefined;
}

/**
 * How the command ended: with an exit code as a shell reports it, by a signal, or unknown, as
 * docker failed.
 */
export type Verdict =
  | { readonly exitCode: number }
  | { readonly signal: SignalName }
  | { readonly failure: string };

/** Matches the start of a line from docker or podman itself. */
export const OWN_WORDS: RegExp =
  /^(docker: |Error: |Error response from daemon: |Unable to find image |write \/dev\/std|time="[^"]*" level=)/m;

/**
 * What docker prints when its output cannot be written. It then exits while the container goes on.
 */
const NOT_TAKEN = /^write \/dev\/std(?:out|err): (.+)$/m;

/** docker-run(1): docker failed; it could not start the command; there is no such command. */
const FAILED = 125;
const NOT_STARTED: readonly unknown[] = [126, 127];

/** Whether only the engine knows how the command ended. */
export function isAmbiguous({ status, words, fatal }: DockerEnd): boolean {
  if (fatal !== undefined || status.signal !== undefined || status.code === FAILED) return true;
  if (NOT_STARTED.includes(status.code)) return words === undefined || OWN_WORDS.test(words);
  return status.code !== 0 && NOT_TAKEN.test(words ?? "");
}

/**
 * Decides how the command ended where that was ambiguous.
 *
 * @param fate the engine's answer, if it gave one
 */
export function interpretExit(end: DockerEnd, fate: ContainerFate | undefined): Verdict {
  const { status, words, fatal } = end;
  if (fate?.exitCode !== undefined) return { exitCode: fate.exitCode };
  if (fatal !== undefined) return { signal: fatal };
  if (NOT_STARTED.includes(status.code)) return { exitCode: status.code! };
  const isOwn = status.signal === undefined && status.code !== FAILED;
  const reason = isOwn ? NOT_TAKEN.exec(words ?? "")?.[1] : undefined;
  if (reason === "broken pipe") return { signal: "SIGPIPE" };
  if (reason !== undefined) return { failure: `its output cannot be written: ${reason}` };
  return { failure: explain(status, words ?? "") };
}

/** Explains how docker failed. @param words its stderr */
export function explain(status: ExitStatus, words: string): string {
  const image = /No such image: (\S+?)\.?$/m.exec(words)?.[1] ??
    /^Error: (\S+): image not known/m.exec(words)?.[1];
  if (image !== undefined) {
    return `there is no image ${image} here: docker pull ${image}, or set pull to "missing"`;
  }
  if (status.signal !== undefined) return `docker was killed by ${status.signal}`;
  return ownWords(words) ?? `docker ended with code ${status.code}`;
}

/** Extracts docker's error message, without its prefix, log lines and the hint at `--help`. */
export function ownWords(words: string): string | undefined {
  const message =
    /^(?:(?:docker|Error): (?:Error response from daemon: )?|Error response from daemon: )([^]*)/m
      .exec(words)?.[1];
  const logged = /^time=.* msg="(.*)"/m.exec(words)?.[1];
  const usage = /^(?:unknown (?:shorthand )?flag: |invalid argument ).*/m.exec(words)?.[0];
  return message?.replace(/\s*^((See|Run) '.*--help'|time=")[^]*$/m, "").trim() ?? logged ?? usage;
}
