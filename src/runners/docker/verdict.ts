// What the end of docker's command line means for the command in the container. Pure.

import type { SignalName } from "../../libc/signals.ts";
import type { ExitStatus } from "../../libc/spawn.ts";
import type { ContainerFate } from "./engine.ts";

/** How docker's command line ended. */
export interface DockerEnd {
  readonly status: ExitStatus;
  /** Its last words and those of the command; unknown where a terminal has shown them. */
  readonly words: string | undefined;
  /** The first signal from us that was to end the command. */
  readonly fatal: SignalName | undefined;
}

/** How the command ended: as docker says, with this code, by this signal, or not, as docker failed. */
export type Verdict =
  | { readonly exitCode: number }
  | { readonly signal: SignalName }
  | { readonly failure: string };

/** How docker, and podman, begin a line of their own. */
export const OWN_WORDS: RegExp =
  /^(docker: |Error: |Unable to find image |write \/dev\/std|time="[^"]*" level=)/m;

/** What docker says when its output is not taken any more; it then ends, and the container does not. */
const NOT_TAKEN = /^write \/dev\/std(?:out|err): (.+)$/m;

/** docker-run(1): docker failed; it could not start the command; there is no such command. */
const FAILED = 125;
const NOT_STARTED: readonly unknown[] = [126, 127];

/** Whether it is only known from the engine what became of the command. */
export function isAmbiguous({ status, words, fatal }: DockerEnd): boolean {
  if (fatal !== undefined || status.signal !== undefined || status.code === FAILED) return true;
  if (NOT_STARTED.includes(status.code)) return words === undefined || OWN_WORDS.test(words);
  return status.code !== 0 && NOT_TAKEN.test(words ?? "");
}

/** Decides what was ambiguous. @param fate as the engine tells it, if it does */
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

function explain(status: ExitStatus, words: string): string {
  const image = /No such image: (\S+?)\.?$/m.exec(words)?.[1] ??
    /^Error: (\S+): image not known/m.exec(words)?.[1];
  if (image !== undefined) {
    return `there is no image ${image} here: docker pull ${image}, or take pull "missing"`;
  }
  if (status.signal !== undefined) return `docker was ended by ${status.signal}`;
  return ownWords(words) ?? `docker ended with code ${status.code}`;
}

/** What docker says is wrong: without where it comes from, its log, and how to get help. */
function ownWords(words: string): string | undefined {
  const message = /^(?:docker|Error): (?:Error response from daemon: )?([^]*)/m.exec(words)?.[1];
  const logged = /^time=.* msg="(.*)"/m.exec(words)?.[1];
  const usage = /^(?:unknown (?:shorthand )?flag: |invalid argument ).*/m.exec(words)?.[0];
  return message?.replace(/\s*^((See|Run) '.*--help'|time=")[^]*$/m, "").trim() ?? logged ?? usage;
}
