// Makes the argv of srun from a command and the options of the runner.

import { ownFolder } from "../../libc/folder.ts";
import type { CommandNode, Json } from "../../model/nodes.ts";
import type { ChainNote } from "../contract/chain_note.ts";
import { innerArgv, innerEnvironment } from "../contract/inner_argv.ts";
import { passOn } from "../remote/inner_copies.ts";
import { folderFor } from "../remote/private_folder.ts";
import { remoteExecvmArgv } from "../remote/request.ts";
import { nodeArgv } from "./remote_program.ts";
import type { GivenSlurmOptions } from "./options.ts";
import { type JobRequest, srunArgv, type StepRequest } from "./srun_argv.ts";

/** MiB that execvm and QEMU need in addition to the memory of the guest. */
const MACHINE_MIB = 512;

/** Returns a unique name for a job. */
export function newJobName(): string {
  return `execvm-${crypto.randomUUID()}`;
}

/** Returns what a job requests. Processors and memory default to what the inner runner needs. */
export function jobRequest(options: GivenSlurmOptions): JobRequest {
  const { partition, account, timeLimit, constraint, inner, options: more } = options;
  const within: { readonly cpus?: number; readonly memoryMib?: number } = Object(inner);
  const needed = within.memoryMib === undefined ? undefined : within.memoryMib + MACHINE_MIB;
  const { cpus = within.cpus, memoryMib = needed } = options;
  return { partition, account, cpus, memoryMib, timeLimit, constraint, options: more ?? {} };
}

/**
 * Returns the argv that runs a program of execvm on a node. A terminal there is set to raw mode,
 * because the user's command has its own behind it.
 *
 * @param cwd absolute
 */
export function nodeCommand(
  argv: readonly string[],
  tty: boolean,
  cwd?: string,
): readonly string[] {
  const words = tty ? ["sh", "-c", 'stty raw -echo; exec "$@"', "sh", ...argv] : argv;
  return nodeArgv({ argv: words, env: {}, cwd, here: ownFolder(), tty });
}

/**
 * Returns the argv of srun for a command. A relative folder is relative to our working directory.
 *
 * @param note where a chain reports which of its commands runs
 * @param folder the private folder of the run, if it has one
 */
export function stepArgv(
  command: CommandNode,
  options: GivenSlurmOptions,
  job: StepRequest["job"],
  { note, folder }: { readonly note?: ChainNote | undefined; readonly folder?: string | undefined },
): readonly string[] {
  const cwd = folderFor(folder, command.cwd);
  const here = ownFolder();
  const tty = options.tty === true;
  const argv = nodeArgv({
    argv: innerArgv(command, options.chain, note),
    env: innerEnvironment(command, options.chain, note),
    cwd: cwd === undefined || cwd.startsWith("/") ? cwd : `${here}/${cwd}`,
    here,
    tty,
  });
  return srunArgv(jobRequest(options), { argv, tty, job });
}

/** Returns the argv of srun for a command that an execvm on the node runs. */
export function innerStepArgv(
  command: CommandNode,
  { options, job }: { readonly options: GivenSlurmOptions; readonly job: StepRequest["job"] },
  { execvm, verdict, folder }: {
    readonly execvm: readonly string[];
    readonly verdict: string;
    readonly folder?: string | undefined;
  },
): readonly string[] {
  const { inner } = passOn(options, options.inner);
  const request = { inner: inner as Json, verdict };
  const tty = wantsTerminal(options);
  const argv = nodeCommand(remoteExecvmArgv(execvm, command, request), tty, folder);
  return srunArgv(jobRequest(options), { argv, tty, job });
}

/** Whether the command gets a terminal: as the options say, or else the inner runner's. */
export function wantsTerminal({ tty, inner }: GivenSlurmOptions): boolean {
  return tty ?? (Object(inner) as { tty?: Json }).tty === true;
}
