// The runner contract: what it takes to be a computer that commands run on.

import { cmd, type Command, type Words } from "../../blocks/command.ts";
import type { Stdio } from "../../io/ends.ts";
import type { SignalName } from "../../libc/signals.ts";
import type { ExitStatus } from "../../libc/spawn.ts";
import type { CommandNode, RunnerRef } from "../../model/nodes.ts";

export type { ExitStatus };

/** How a command ended; of a chain also the number, from 1 on, of the last of its commands that ran. */
export type CommandEnd = ExitStatus & { readonly link?: number };

/** Who gets a signal: a command and all that it has started, which is the default, or it alone. */
export type Recipient = "all" | "command";

/** A command that runs. Disposing it, once it has ended, frees what was kept to end it safely. */
export interface Running extends AsyncDisposable {
  /** How it ended. Rejects with a `RunnerError` if the machinery fails meanwhile. */
  readonly exited: Promise<CommandEnd>;
  /**
   * Sends a signal to it and all it has started, or to the command alone, as far as the runner can. One that
   * has ended is passed over. What is given, if anything, resolves once the signal is on its way.
   */
  kill(signal: SignalName, to?: Recipient): void | Promise<void>;
  /** Whether it is in our process group, so that what is typed at our terminal, such as ^C, reaches it by itself. */
  readonly hearsTerminal?: boolean;
}

/**
 * Tells what a runner does for a command from now on, such as `queued` or `booting`; `detail` is a line for
 * people, such as why it waits.
 */
export type OnPhase = (phase: string, detail?: string) => void;

/**
 * Starts several commands of one pipeline, each at its place among those it was made for. Disposed when
 * the pipeline is over.
 */
export interface Gang extends AsyncDisposable {
  /** As {@linkcode Runner.start}. */
  start(place: number, command: CommandNode, stdio: Stdio, onPhase?: OnPhase): Promise<Running>;
}

/** @deprecated The name of {@linkcode OnPhase} up to version 0.1. */
export type TellPhase = OnPhase;

/** @deprecated The name of {@linkcode Gang} up to version 0.1. */
export type Gathering = Gang;

/**
 * Where commands run. Disposing it ends what it keeps between commands, which for most is nothing.
 */
export interface Runner extends RunnerRef, AsyncDisposable {
  /** A command bound to this runner. */
  cmd(...argv: Words): Command;
  /**
   * Starts a command. It owns the ends of `stdio` from this call on, also if it fails: each is closed
   * here as soon as the command has it. A command that is not found or not executable is no failure of
   * the runner: it says so on stderr and exits with 127 or 126. What takes long belongs behind
   * `exited`, so that `kill` can end it.
   *
   * @param onPhase is told of the phases of what takes long
   * @throws {RunnerError} if the machinery fails.
   */
  start(command: CommandNode, stdio: Stdio, onPhase?: OnPhase): Promise<Running>;
  /**
   * For computers that commands wait for: where a pipeline has several commands on runners of this kind,
   * this of one of them starts all, so that none waits for what another holds. Nothing starts yet.
   *
   * @param runners where the commands run, in their order; some may be the same
   */
  readonly startTogether?: ((runners: readonly Runner[]) => Gang | Promise<Gang>) | undefined;
  /** @deprecated The name of `startTogether` up to version 0.1. */
  readonly gather?: Runner["startTogether"];
  /** Of such computers: milliseconds that a command waits for what others of its pipeline hold. */
  readonly waitMs?: number | undefined;
}

/** What a runner has to bring; the rest follows. */
export type RunnerParts =
  & Pick<Runner, "kind" | "argv" | "start" | "startTogether" | "waitMs">
  & { readonly options?: RunnerRef["options"]; readonly dispose?: () => Promise<void> };

/** A runner made of its parts. */
export function makeRunner(parts: RunnerParts): Runner {
  const runner: Runner = Object.freeze({
    kind: parts.kind,
    options: Object.freeze(parts.options ?? {}),
    argv: parts.argv,
    start: parts.start,
    startTogether: parts.startTogether,
    gather: parts.startTogether,
    waitMs: parts.waitMs,
    cmd: (...argv: Words) => cmd(...argv).on(runner),
    [Symbol.asyncDispose]: parts.dispose ?? (async () => {}),
  });
  return runner;
}

/** Whether a computer can also start commands, as all that the public module makes can. */
export function isRunner(computer: RunnerRef): computer is Runner {
  return typeof (computer as Partial<Runner>).start === "function";
}

/** What starts commands together on runners of this kind, by either of its names. */
export function startTogetherOf({ startTogether, gather }: Runner): Runner["startTogether"] {
  return startTogether ?? gather;
}
