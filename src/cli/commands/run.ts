// `execvm run`: one command with our own stdio.

import { cmd, type Command } from "../../blocks/command.ts";
import { folderFault } from "../../host/fault.ts";
import { emptyStdin } from "../../libc/fd.ts";
import { enterFolder } from "../../libc/folder.ts";
import { findLibc } from "../../libc/libc.ts";
import { showWord } from "../../libc/word.ts";
import { UsageError } from "../../model/errors.ts";
import { execInPlace } from "../../runners/local/exec_in_place.ts";
import { isRecorded } from "../flags/observe_flags.ts";
import {
  optionValue,
  type RunnerFlags,
  runnerOf,
  withDefaultRunner,
} from "../flags/runner_flags.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { type PipelineFlags, runPipeline } from "./run_pipeline.ts";

interface RunFlags extends PipelineFlags {
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly verbose?: boolean;
}

/** Runs the command of `execvm run`. */
export const run = withErrorReport(
  async (_context, given: RunFlags & RunnerFlags, program: string, ...args: string[]) => {
    const flags = withDefaultRunner(given);
    const command = toCommand([program, ...args], flags);
    const runner = runnerOf(flags);
    if (runner.kind === "local" && canBecome(flags)) {
      if (flags.cwd !== undefined) changeFolder(flags.cwd);
      if (flags.verbose === true) await sayBecoming([program, ...args]);
      if (flags.noStdin === true) emptyStdin();
      execInPlace([program, ...args], command.node.env);
    }
    return await runPipeline(command, runner, flags);
  },
  ["env", "cwd", "arguments"],
);

function toCommand(argv: [string, ...string[]], { env = [], cwd }: RunFlags): Command {
  const command = cmd(...argv).env(Object.fromEntries(env.map(parseVariable)));
  return cwd === undefined ? command : command.cwd(cwd);
}

function parseVariable(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  throw new UsageError(`Cannot set ${showWord(text)} as a variable is written NAME=VALUE`);
}

/** With nothing to watch over, the command can take our place; a terminal that we have is its own. */
function canBecome(flags: RunFlags & RunnerFlags): boolean {
  if ([flags.timeout, flags.killAfter].some((time) => time !== undefined)) return false;
  if (isRecorded(flags)) return false;
  const hasTerminal = flags.noStdin !== true && Deno.stdin.isTerminal() &&
    Deno.stdout.isTerminal();
  return findLibc() !== undefined && (optionValue(flags, "tty") !== true || hasTerminal);
}

function changeFolder(cwd: string): void {
  try {
    enterFolder(cwd);
  } catch (error) {
    throw new Error(`Cannot run in ${showWord(cwd)} as ${folderFault(error)}`);
  }
}

async function sayBecoming(argv: readonly string[]): Promise<void> {
  const [{ Narrator }, { quoteArgv }] = await Promise.all([
    import("./narrator.ts"),
    import("../../host/quote.ts"),
  ]);
  using narrator = new Narrator();
  narrator.say(`this process becomes: ${quoteArgv(argv)}`);
}
