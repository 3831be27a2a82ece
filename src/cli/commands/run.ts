// `execvm run`: runs one command with our own stdio.

import { cmd, type Command } from "../../blocks/command.ts";
import { findLibc } from "../../libc/libc.ts";
import { showWord } from "../../libc/word.ts";
import { UsageError } from "../../model/errors.ts";
import { isRecorded } from "../flags/observe_flags.ts";
import {
  optionValue,
  type RunnerFlags,
  runnerForm,
  toRunner,
  withDefaultRunner,
} from "../flags/runner_flags.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import type { PipelineFlags } from "./run_pipeline.ts";

interface RunFlags extends PipelineFlags {
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly verbose?: boolean;
}

/** Runs `execvm run`. */
export const run = withErrorReport(
  async (_context, given: RunFlags & RunnerFlags, program: string, ...args: string[]) => {
    const flags = withDefaultRunner(given);
    const command = toCommand([program, ...args], flags);
    const form = runnerForm(flags);
    if (form.type === "local" && canBecome(flags)) {
      const { cwd, verbose = false, noStdin = false } = flags;
      const { become } = await import("./become.ts");
      await become({ argv: [program, ...args], env: command.node.env, cwd, noStdin, verbose });
    }
    const runner = await toRunner(form);
    const { runPipeline } = await import("./run_pipeline.ts");
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
  throw new UsageError(`cannot set ${showWord(text)}: a variable is written NAME=VALUE`);
}

/**
 * Whether this process can become the command: nothing is supervised, and `-t` needs no new
 * terminal.
 */
function canBecome(flags: RunFlags & RunnerFlags): boolean {
  if ([flags.timeout, flags.killAfter].some((time) => time !== undefined)) return false;
  if (isRecorded(flags)) return false;
  const hasTerminal = flags.noStdin !== true && Deno.stdin.isTerminal() &&
    Deno.stdout.isTerminal();
  return findLibc() !== undefined && (optionValue(flags, "tty") !== true || hasTerminal);
}
