// Runs code in a machine that ends with it, and extracts its outputs.

import { scratchFolder } from "../host/scratch_folder.ts";
import { MachineError } from "../machine/machine_error.ts";
import type { OnMachinePhase } from "../machine/phases.ts";
import type { Owner } from "../machine/protocol.ts";
import type { CodeStageResult } from "../model/code_result.ts";
import { RunnerError } from "../model/errors.ts";
import { pickGiven } from "../model/pick_given.ts";
import type { Image } from "../prepare/image.ts";
import { commandLine } from "../vm/command_line.ts";
import { getMachine, type MachineOptions } from "../vm/get_machine.ts";
import type { VirtualMachine } from "../vm/virtual_machine.ts";
import { type CodeStreams, followCode } from "./follow_code.ts";
import { givenLower, readGiven } from "./given_workspace.ts";
import { takeOutputs } from "./outputs.ts";
import { type Program, programFor } from "./program.ts";
import { CODE_DEFAULTS, OF_MACHINE, type RunCodeOptions } from "./run_options.ts";

/** Follows one run of code. */
export interface RunListener {
  /** Called for each phase; `undefined` if nothing listens. */
  readonly onPhase: OnMachinePhase | undefined;
  /** Called with what is about to run. */
  begin(argv: readonly string[]): void;
  /** Called with the machine once it is ready; it must not be used after `ended`. */
  ready?(machine: VirtualMachine): void;
  /** Called once the code has ended, with the last console output of its machine. */
  ended(consoleTail: string): void | Promise<void>;
}

/** Code to run, and everything that it needs. The options must have been checked. */
export interface MachineRun {
  readonly image: Image;
  readonly code: string;
  readonly options: RunCodeOptions;
  readonly streams: CodeStreams;
  readonly watch: RunListener;
}

/**
 * Runs code once, in a machine that has ended when this returns, and extracts its outputs.
 *
 * @throws {RunnerError} if no machine can be started; the code has not run.
 * @throws {Error} if a given file cannot be read, or the image has no program for the language.
 * @throws {unknown} the reason of `options.signal`, if that is aborted.
 */
export async function runInMachine(run: MachineRun): Promise<CodeStageResult> {
  const { image, code, options, streams, watch } = run;
  const program = await programFor(image, code, options);
  const own = program.file === undefined ? [] : [program.file];
  const files = [...own, ...await readGiven(options.files)];
  watch.begin(program.argv);
  await using scratch = await scratchFolder();
  const disk = `${scratch.path}/workspace.ext4`;
  let owner: Owner = { uid: 0, gid: 0 };
  const end = await withMachine({ ...run, program, disk }, async (ready, signal) => {
    watch.ready?.(ready.machine);
    const { user } = options;
    for (const file of files) ready.machine.put(file, { user });
    watch.onPhase?.("starting");
    const onStart = (started: Owner) => {
      owner = started;
      watch.onPhase?.("running");
    };
    const end = await followCode(ready, { program, options, streams, signal, onStart });
    await watch.ended(ready.machine.consoleTail);
    return end;
  });
  const given = { code: givenLower(own, owner), given: givenLower(files, owner) };
  return { ...end, ...await takeOutputs({ image, disk, ...given }, options) };
}

type Ready = Awaited<ReturnType<typeof getMachine>>;

/** Calls `use` with a machine, which has ended when this returns. */
async function withMachine<T>(
  { image, options, watch, program, disk }: MachineRun & {
    readonly program: Program;
    readonly disk: string;
  },
  use: (ready: Ready, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const machine = machineOptions(image, program, disk, options);
  const signal = options.signal ?? new AbortController().signal;
  const append = (kernelParams: readonly string[]) => commandLine(machine, kernelParams);
  let discard: (() => void) | undefined;
  try {
    await using ready = await getMachine({
      options: machine,
      append,
      signal,
      onPhase: watch.onPhase,
    });
    discard = ready.discard;
    return await use(ready, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof MachineError)) throw error;
    // It is unknown whether the code has run, so it must not be run on another machine.
    if (error.phase === "restore") discard?.();
    const { phase, argv, consoleTail } = error;
    throw new RunnerError(whyNot(error), { runner: "vm", phase, argv, consoleTail, cause: error });
  }
}

/**
 * Returns the reason for the user: that the image lacks the program, if it is started ahead of the
 * code.
 */
function whyNot({ phase, cause, message }: MachineError): string {
  const isMissing = phase === "wait" && cause instanceof Error &&
    cause.message.includes("there is no such command");
  return isMissing ? `${cause.message} in the image` : message;
}

function machineOptions(
  image: Image,
  { warmUp }: Program,
  disk: string,
  options: RunCodeOptions,
): MachineOptions {
  const { workspaceMib = CODE_DEFAULTS.workspaceMib } = options;
  return {
    ...pickGiven(options, OF_MACHINE),
    root: image.path,
    workspace: { path: disk, sizeMib: workspaceMib },
    warmUp,
  };
}
