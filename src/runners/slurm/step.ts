// Starts commands in jobs of a cluster. For an inner runner, execvm is first provided on the nodes.

import type { Stdio } from "../../io/ends.ts";
import type { CommandNode } from "../../model/nodes.ts";
import type { Running } from "../contract/runner.ts";
import { WaitingCommand } from "../contract/waiting_command.ts";
import type { RemoteShell } from "../remote/shell.ts";
import { provideExecvm } from "../remote/provide_execvm.ts";
import { runCaptured } from "../remote/run_captured.ts";
import { SharedTask } from "../remote/shared_task.ts";
import { startBySrun } from "./command.ts";
import {
  innerStepArgv,
  jobRequest,
  newJobName,
  nodeCommand,
  stepArgv,
  wantsTerminal,
} from "./job_argv.ts";
import type { FilledStep, SlurmStep } from "./slurm_step.ts";
import { srunArgv } from "./srun_argv.ts";

/** The execvm that this process has found or copied, by what its jobs request. */
const provided = new Map<string, SharedTask<readonly string[]>>();

/**
 * Starts a command in a job.
 *
 * @throws {RunnerError} if srun cannot be started.
 */
export async function startStep(
  command: CommandNode,
  step: SlurmStep,
  stdio: Stdio,
): Promise<Running> {
  const { copier, ...plain } = step;
  if (copier === undefined) return await startFilled(command, plain, stdio);
  const { CopyingCommand } = await import("../contract/copying_command.ts");
  const { NodePlace } = await import("./node_place.ts");
  const start = (filled: FilledStep, stdio: Stdio) => startFilled(command, filled, stdio);
  return new CopyingCommand(new NodePlace(plain, start), copier, stdio);
}

async function startFilled(
  command: CommandNode,
  step: FilledStep,
  stdio: Stdio,
): Promise<Running> {
  const { options, job, folder, ...rest } = step;
  const tty = wantsTerminal(options);
  const { inner } = options;
  if (inner === undefined) {
    // With a terminal the marked lines of a chain would be shown.
    const note = command.type === "chain" && !tty ? { token: crypto.randomUUID() } : undefined;
    const argv = stepArgv(command, options, job, { note, folder });
    return await startBySrun(
      { ...rest, argv, tty, ...(note && { chainToken: note.token }) },
      stdio,
    );
  }
  return new WaitingCommand(
    (signal) => findExecvm(step, signal),
    stdio,
    (execvm) => {
      const token = crypto.randomUUID();
      const argv = innerStepArgv(command, step, {
        execvm,
        verdict: tty ? "-" : `:${token}`,
        folder,
      });
      return startBySrun({ ...rest, argv, tty, ...(!tty && { remote: { execvm, token } }) }, stdio);
    },
  );
}

/**
 * Returns the argv of the execvm on the nodes. They share the users' folders, so it is copied once
 * for all.
 */
async function findExecvm(
  { options, job, onPhase }: SlurmStep,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { execvm, deno } = options;
  if (execvm !== undefined) return [execvm];
  const key = JSON.stringify([jobRequest(options), deno, Deno.env.get("SLURM_CONF")]);
  const task = provided.get(key) ?? new SharedTask();
  provided.set(key, task);
  return await task.join(signal, (signal) => {
    const shell: RemoteShell = (argv, stdin) => {
      const name = newJobName();
      const place = "id" in job ? job : { name };
      const step = { argv: nodeCommand(argv, false), tty: false, job: place };
      const request = { argv: srunArgv(jobRequest(options), step), name, tty: false, onPhase };
      return runCaptured((stdio) => startBySrun(request, stdio), stdin, signal);
    };
    return provideExecvm(shell, { runner: "slurm", deno, onPhase });
  });
}
