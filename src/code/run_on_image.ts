// Runs code on a prepared image, in a separate machine that ends with it.

import { scratchFolder } from "../host/scratch_folder.ts";
import { MachineError } from "../machine/machine_error.ts";
import type { Owner } from "../machine/protocol.ts";
import type { CopyOptions } from "../model/copy_options.ts";
import { RunnerError } from "../model/errors.ts";
import { onlyGiven, pickGiven } from "../model/pick_given.ts";
import type { Image } from "../prepare/image.ts";
import { findImage, markUsed } from "../prepare/image_store.ts";
import { commandLine } from "../vm/command_line.ts";
import { getMachine, type MachineOptions } from "../vm/get_machine.ts";
import type { VmOptions } from "../vm/options.ts";
import { CapturedOutput } from "./captured_output.ts";
import type { CodeOutputs, CodeResult } from "./code_result.ts";
import { CodeWatch } from "./code_watch.ts";
import { followCode } from "./follow_code.ts";
import { givenLower, readGiven } from "./given_workspace.ts";
import { takeOutputs } from "./outputs.ts";
import { checkOutputsPlace } from "./outputs_place.ts";
import { type Program, programFor } from "./program.ts";
import { checkRunOptions, CODE_DEFAULTS, type RunCodeOptions } from "./run_options.ts";

/** Runs code once. @throws as `runCode` does. */
export async function runOnImage(
  given: Image | string,
  code: string,
  options: RunCodeOptions = {},
): Promise<CodeResult> {
  checkRunOptions(options);
  const image = typeof given === "string" ? await resolve(given, options) : given;
  const watch = new CodeWatch(options.observer);
  try {
    const result = await runWatched(image, code, options, watch);
    watch.finish(result);
    return result;
  } catch (error) {
    watch.fail(error);
    throw error;
  }
}

/** Finds or prepares an image. */
async function resolve(
  image: string,
  { accel, onProgress, signal }: RunCodeOptions,
): Promise<Image> {
  const { resolveImage } = await import("../prepare/resolve_root.ts");
  return await resolveImage(image, onlyGiven({ accel, onProgress, signal }));
}

async function runWatched(
  image: Image,
  code: string,
  options: RunCodeOptions,
  watch: CodeWatch,
): Promise<CodeResult> {
  options.signal?.throwIfAborted();
  if (findImage(image.key)?.path !== image.path) {
    throw new Error(
      `cannot run code on the image ${image.key.slice(0, 12)}: the cache no longer has it`,
    );
  }
  markUsed(image.key);
  await checkOutputsPlace(options);
  const program = await programFor(image, code, options);
  const own = program.file === undefined ? [] : [program.file];
  const files = [...own, ...await readGiven(options.files)];
  watch.begin(program.argv);
  await using scratch = await scratchFolder();
  const disk = `${scratch.path}/workspace.ext4`;
  const { maxOutputBytes = CODE_DEFAULTS.maxOutputBytes, onOutput = () => {} } = options;
  const stdout = new CapturedOutput(maxOutputBytes, (chunk) => onOutput("stdout", chunk));
  const stderr = new CapturedOutput(maxOutputBytes, (chunk) => onOutput("stderr", chunk));
  let owner: Owner = { uid: 0, gid: 0 };
  const end = await runIn(image, { program, disk, options, watch }, async (ready, signal) => {
    const { user } = options;
    for (const file of files) ready.machine.put(file, { user });
    watch.onPhase?.("starting");
    const onStart = (started: Owner) => {
      owner = started;
      watch.onPhase?.("running");
    };
    const run = { program, options, stdout, stderr, signal, onStart };
    const end = await followCode(ready, run);
    watch.ended(ready.machine.consoleTail);
    return end;
  });
  const outputs: CodeOutputs = await takeOutputs(
    { image, disk, code: givenLower(own, owner), given: givenLower(files, owner) },
    options,
  );
  return {
    ...end,
    stdout: await stdout.text(),
    stderr: await stderr.text(),
    truncated: stdout.isTruncated || stderr.isTruncated,
    ...outputs,
  };
}

type Ready = Awaited<ReturnType<typeof getMachine>>;

/** Calls `use` with a machine, which has ended when this returns. */
async function runIn<T>(
  image: Image,
  { program, disk, options, watch }: {
    readonly program: Program;
    readonly disk: string;
    readonly options: RunCodeOptions;
    readonly watch: CodeWatch;
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

/** The options that are passed to its machine unchanged. */
const OF_MACHINE = {
  accel: true,
  append: true,
  bootTimeoutMs: true,
  cpus: true,
  initrd: true,
  kernel: true,
  machine: true,
  memoryMib: true,
  modules: true,
  network: true,
  qemu: true,
  template: true,
  user: true,
} as const satisfies Record<
  keyof RunCodeOptions & Exclude<keyof VmOptions, keyof CopyOptions>,
  true
>;

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
