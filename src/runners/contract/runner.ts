// The runner contract: the interface of everything that runs commands.

import { cmd, type Command, type Words } from "../../blocks/command.ts";
import type { Stdio } from "../../io/ends.ts";
import type { SignalName } from "../../libc/signals.ts";
import type { ExitStatus } from "../../libc/spawn.ts";
import type { CodeStageResult } from "../../model/code_result.ts";
import type { CopyOptions } from "../../model/copy_options.ts";
import type { CommandNode, RunnerRef } from "../../model/nodes.ts";
import type { Copier } from "./copies.ts";

export type { ExitStatus };

/**
 * How a command ended; for a chain also the number, from 1, of the last of its commands that ran,
 * for code also its result.
 */
export type CommandEnd = ExitStatus & {
  readonly link?: number;
  readonly codeResult?: CodeStageResult;
};

/**
 * The recipient of a signal: a command and all processes that it has started, or the command alone.
 */
export type Recipient = "all" | "command";

/** A running command. The caller disposes it once it has ended, which frees its resources. */
export interface Running extends AsyncDisposable {
  /** How the command ended. Rejects with a `RunnerError` if the runner fails before that. */
  readonly exited: Promise<CommandEnd>;
  /**
   * Sends a signal to a command that has not ended, as far as the runner can. A promise that it
   * returns resolves once the signal is on its way.
   *
   * @param to the command and all processes that it has started (`all`, the default), or the
   * command alone
   */
  kill(signal: SignalName, to?: Recipient): void | Promise<void>;
  /**
   * Whether the command is in our process group, and so receives signals of our terminal, such as
   * ^C, directly.
   */
  readonly hearsTerminal?: boolean;
}

/**
 * Called when a runner enters a phase of a command, such as `queued` or `booting`; `detail` is a
 * readable line, such as why the command waits.
 */
export type OnPhase = (phase: string, detail?: string) => void;

/** Starts several commands of one pipeline together. Disposed when the pipeline has ended. */
export interface Gang extends AsyncDisposable {
  /**
   * As {@linkcode Runner.start}.
   *
   * @param place the index of the command's runner in the list given to `startTogether`
   */
  start(
    place: number,
    command: CommandNode,
    stdio: Stdio,
    onPhase?: OnPhase,
    copier?: Copier,
  ): Promise<Running>;
}

/** @deprecated The name of {@linkcode OnPhase} up to version 0.1. */
export type TellPhase = OnPhase;

/** @deprecated The name of {@linkcode Gang} up to version 0.1. */
export type Gathering = Gang;

/**
 * Runs commands on a computer. The caller disposes it, which ends what it keeps between commands,
 * such as connections and machines.
 */
export interface Runner extends RunnerRef, AsyncDisposable {
  /** Returns a command bound to this runner. @throws {TypeError} as `cmd` does. */
  cmd(...argv: Words): Command;
  /**
   * Starts a command. A command that is not found or not executable is not a failure of the runner:
   * it reports that on stderr and exits with 127 or 126. Whatever takes long is part of `exited`,
   * so that `kill` can end it.
   *
   * @param stdio owned by the runner from this call on, also if it fails; the runner closes each
   * end as soon as the command has it
   * @param onPhase called for each phase of a command that takes long to start
   * @param copier copies the files of `copies`, if the runner has any
   * @throws {RunnerError} if the runner fails.
   */
  start(
    command: CommandNode,
    stdio: Stdio,
    onPhase?: OnPhase,
    copier?: Copier,
  ): Promise<Running>;
  /** What is copied for each command, if anything is; `start` is then given a `copier`. */
  readonly copies?: CopyOptions | undefined;
  /**
   * For runners whose commands queue for resources: returns what starts all commands of a pipeline
   * on runners of this kind together, so that none waits for resources that another holds. Starts
   * nothing yet.
   *
   * @param runners the runner of each command, in order; may contain duplicates
   */
  readonly startTogether?: ((runners: readonly Runner[]) => Gang | Promise<Gang>) | undefined;
  /** @deprecated The name of `startTogether` up to version 0.1. */
  readonly gather?: Runner["startTogether"];
  /**
   * For such runners: milliseconds that a command waits for resources that others of its pipeline
   * hold.
   */
  readonly waitMs?: number | undefined;
}

/** What a runner must implement; `makeRunner` adds the rest. */
export type RunnerParts =
  & Pick<Runner, "kind" | "argv" | "start" | "copies" | "startTogether" | "waitMs">
  & { readonly options?: RunnerRef["options"]; readonly dispose?: () => Promise<void> };

/** Makes a runner of its parts. */
export function makeRunner(parts: RunnerParts): Runner {
  const runner: Runner = Object.freeze({
    kind: parts.kind,
    options: Object.freeze(parts.options ?? {}),
    argv: parts.argv,
    start: parts.start,
    copies: parts.copies,
    startTogether: parts.startTogether,
    gather: parts.startTogether,
    waitMs: parts.waitMs,
    cmd: (...argv: Words) => cmd(...argv).on(runner),
    [Symbol.asyncDispose]: parts.dispose ?? (async () => {}),
  });
  return runner;
}

/** Returns whether a runner can start commands, as all runners of `mod.ts` can. */
export function isRunner(computer: RunnerRef): computer is Runner {
  return typeof (computer as Partial<Runner>).start === "function";
}

/** Returns `startTogether` of a runner, under its new or its old name. */
export function startTogetherOf({ startTogether, gather }: Runner): Runner["startTogether"] {
  return startTogether ?? gather;
}
