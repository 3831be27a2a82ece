// The options of a stage that runs code, and their form as data. Pure.

import type { CodeSettings, CodeValue } from "../model/nodes.ts";
import { onlyGiven } from "../model/pick_given.ts";
import { toWordList, toWords } from "../model/word.ts";
import { checkRunOptions, type RunCodeOptions } from "./run_options.ts";

/**
 * How a stage runs code: the options of `runCode`, except for those that a pipeline has itself. The
 * code cannot evade the limits.
 */
export type CodeOptions = Omit<
  RunCodeOptions,
  "stdin" | "maxOutputBytes" | "onOutput" | "onProgress" | "observer" | "signal"
>;

/** Options of `runCode` that a stage does not have, and what takes their place. */
export const NOT_OF_A_STAGE: Readonly<
  Record<Exclude<keyof RunCodeOptions, keyof CodeOptions>, string>
> = {
  stdin: "its stdin is the output of the block before it",
  maxOutputBytes: "its stdout goes to the next block",
  onOutput: "its stdout goes to the next block",
  onProgress: "the run reports it as phases of the stage",
  observer: "it is an option of the run",
  signal: "it is an option of the run",
};

/**
 * The options, in the order of the JSON form. Leaving one out, or adding one of the above, is a type
 * error.
 */
export const CODE_OPTION_NAMES: Readonly<Record<keyof CodeOptions, true>> = {
  language: true,
  argv: true,
  args: true,
  env: true,
  files: true,
  warm: true,
  timeoutMs: true,
  workspaceMib: true,
  output: true,
  paths: true,
  outputsDir: true,
  outputsTar: true,
  memoryMib: true,
  cpus: true,
  user: true,
  network: true,
  accel: true,
  kernel: true,
  modules: true,
  initrd: true,
  append: true,
  machine: true,
  qemu: true,
  bootTimeoutMs: true,
  template: true,
};

/**
 * Returns the options as data, in the order of the JSON form: words as strings, and files copied.
 *
 * @throws {TypeError} if an option is unknown or invalid.
 * @throws {RangeError} if a number is out of range.
 */
export function toCodeSettings(options: CodeOptions): CodeSettings {
  const given = onlyGiven(options);
  for (const name of Object.keys(given)) requireKnown(name);
  checkRunOptions(given);
  const { argv, args, env, files, paths, ...plain } = given;
  const settings: Record<string, CodeValue | undefined> = {
    ...plain as CodeSettings,
    argv: argv && toWordList(argv, "argv"),
    args: args && toWordList(args, "args"),
    env: env && toWords(env),
    files: files && copyFiles(files),
    paths: paths && [...paths],
  };
  const inOrder = Object.keys(CODE_OPTION_NAMES).map((name) => [name, settings[name]]);
  return onlyGiven(Object.fromEntries(inOrder));
}

/** Returns the options that were made to data. */
export function ofCodeSettings(settings: CodeSettings): CodeOptions {
  return settings as CodeOptions; // toCodeSettings has made it
}

function requireKnown(name: string): void {
  if (Object.hasOwn(CODE_OPTION_NAMES, name)) return;
  const why = Object.hasOwn(NOT_OF_A_STAGE, name)
    ? `: ${NOT_OF_A_STAGE[name as keyof typeof NOT_OF_A_STAGE]}`
    : "";
  throw new TypeError(`cannot use ${name}: code() has no such option${why}`);
}

function copyFiles(files: NonNullable<CodeOptions["files"]>): Record<string, CodeValue> {
  const copied = Object.entries(files).map(([path, file]): [string, CodeValue] => {
    if (file instanceof Uint8Array) return [path, file.slice()];
    if (typeof file === "string" && file !== "" && file.isWellFormed()) return [path, file];
    const what = JSON.stringify(path);
    throw new TypeError(
      `cannot give the file ${what}: it must be a path on this machine, or a Uint8Array`,
    );
  });
  return Object.fromEntries(copied);
}
