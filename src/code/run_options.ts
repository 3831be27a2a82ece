// The options of `runCode`, and their validation. Pure.

import { DISK_RANGE } from "../disks/disk_range.ts";
import type { OutputMode } from "../model/code_result.ts";
import type { CopyOptions } from "../model/copy_options.ts";
import { MAX_TIMER_MS, type RangesOf, requireCounts } from "../model/require_count.ts";
import type { RunObserver } from "../model/run_observer.ts";
import { toWordList, type Word } from "../model/word.ts";
import { checkModules, checkUser, VM_RANGES, type VmOptions } from "../vm/options.ts";
import { pathFilter } from "../workspace/path_filter.ts";
import { WORKSPACE } from "../workspace/workspace_layout.ts";
import { codePath, isLanguage, type LanguageName, LANGUAGES } from "./language.ts";

/** How code is run. The code cannot evade the limits. */
export interface RunCodeOptions extends
  Pick<
    VmOptions,
    | "accel"
    | "append"
    | "bootTimeoutMs"
    | "cpus"
    | "initrd"
    | "kernel"
    | "machine"
    | "memoryMib"
    | "modules"
    | "network"
    | "qemu"
    | "template"
    | "user"
  > {
  /** The language of the code. @default "python" */
  readonly language?: LanguageName;
  /**
   * The argv that runs the code, in place of a language. `{code}` in it stands for the code itself,
   * `{file}` for a file with the code, `/workspace/main`.
   */
  readonly argv?: readonly Word[];
  /** Arguments of the code. */
  readonly args?: readonly Word[];
  /** Environment variables, in addition to those of the image. */
  readonly env?: Readonly<Record<string, Word>>;
  /** Standard input of the code. `runCode` owns and closes a stream. @default empty */
  readonly stdin?: string | Uint8Array | ReadableStream<Uint8Array>;
  /**
   * Files for `/workspace`, by relative path: a path on this machine, or the content. The code is
   * in the same folder, as `main.py`, `main.sh`, `main.mjs` or `main.ts`, so that it can import
   * them.
   */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /**
   * Code that has already run in the template that the machines of this image are cloned from, so
   * that what it loads is in memory: `import numpy`. The Python process, too, is started in the
   * template and waits there: its hash seed, and all that Python reads only at start, are then the
   * same for all clones. `false` starts Python for this code, as does an environment variable that
   * Python reads only at start. Requires `template`.
   *
   * @default ""
   */
  readonly warm?: string | false;
  /** Milliseconds that the code may run, from when its machine is ready. @default 60000 */
  readonly timeoutMs?: number;
  /** Bytes to keep of stdout, and of stderr; the code can write more. @default 1048576 */
  readonly maxOutputBytes?: number;
  /** Disk space that the code may write, in MiB. @default 1024 */
  readonly workspaceMib?: number;
  /**
   * The outputs to extract: `diff` is what the code created, changed and deleted; `all` also
   * includes the given files; `paths` is what `paths` matches among all; `none` does not look for
   * outputs. The file of the code is included only if it was changed, Python's `__pycache__` only
   * by `paths`, and `/tmp` only by globs that start with it.
   *
   * @default "diff"
   */
  readonly output?: OutputMode;
  /** Globs of absolute paths, such as `/workspace/*.png`, for `output: "paths"`. */
  readonly paths?: readonly string[];
  /**
   * A new or empty folder for the outputs, which is checked before the code runs. `false` extracts
   * nothing: the outputs are only listed.
   *
   * @default if there are outputs, a new temporary folder, which is removed when this process ends
   */
  readonly outputsDir?: string | false;
  /**
   * Path of a tar for the outputs, in an existing folder; that it can be written is checked before
   * the code runs. Outputs are then extracted to a folder only if `outputsDir` is given.
   */
  readonly outputsTar?: string;
  /**
   * Called for each step of preparing an image that is given as a source, and while files are
   * packed with their number.
   *
   * @default the steps are written to stderr if that is a terminal
   */
  readonly onProgress?: (step: string, files?: number) => void;
  /** Called with all of stdout and stderr as it arrives. The callee owns the chunk. */
  readonly onOutput?: (stream: "stdout" | "stderr", chunk: Uint8Array) => void;
  /**
   * Observes the run, such as what `observe` returns: a stage on `vm`, from source `code` to sink
   * `outputs`.
   */
  readonly observer?: RunObserver;
  /** Ends the run when aborted; `runCode` rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** The names of the options that are passed to its machine unchanged. */
type MachineOption = keyof RunCodeOptions & Exclude<keyof VmOptions, keyof CopyOptions>;

/** The options that are passed to its machine unchanged. */
export const OF_MACHINE: Readonly<Record<MachineOption, true>> = {
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
};

/** The defaults of limits and modes. */
export const CODE_DEFAULTS = {
  language: "python",
  timeoutMs: 60_000,
  maxOutputBytes: 1_048_576, // 1 MiB
  workspaceMib: 1024,
  output: "diff",
} as const;

/** What the options that are numbers may be. */
export const CODE_RANGES: RangesOf<
  RunCodeOptions,
  "timeoutMs" | "maxOutputBytes" | "workspaceMib" | "cpus" | "memoryMib" | "bootTimeoutMs"
> = {
  timeoutMs: { most: MAX_TIMER_MS },
  maxOutputBytes: { least: 0 },
  workspaceMib: DISK_RANGE,
  cpus: VM_RANGES.cpus,
  memoryMib: VM_RANGES.memoryMib,
  bootTimeoutMs: VM_RANGES.bootTimeoutMs,
};

/**
 * Validates the options. Missing files are reported later, when they are read.
 *
 * @throws {TypeError} if an option is invalid.
 * @throws {RangeError} if a number is out of range.
 */
export function checkRunOptions(options: RunCodeOptions): void {
  const { language, output = CODE_DEFAULTS.output, paths, argv, files = {} } = options;
  const { outputsDir, outputsTar } = options;
  if (language !== undefined && !isLanguage(language)) {
    const known = Object.keys(LANGUAGES).join(", ");
    throw new TypeError(`cannot run ${JSON.stringify(language)}: it must be one of ${known}`);
  }
  if (argv !== undefined && (argv.length === 0 || language !== undefined)) {
    throw new TypeError("cannot run an argv: it must not be empty, nor be given with a language");
  }
  if (!["diff", "all", "none", "paths"].includes(output)) {
    const modes = "diff, all, none or paths";
    throw new TypeError(`cannot take out ${JSON.stringify(output)}: output must be ${modes}`);
  }
  if ((output === "paths") !== (paths !== undefined)) {
    throw new TypeError('cannot choose outputs: paths and output: "paths" go together');
  }
  for (const place of [outputsDir, outputsTar]) {
    if (place !== "") continue;
    throw new TypeError('cannot put outputs into "": it is not a path');
  }
  pathFilter(paths ?? []);
  requireCounts("run code", options, CODE_RANGES);
  checkUser(options);
  checkModules(options);
  const words = argv && toWordList(argv, "argv");
  const code = codePath({ language: language ?? CODE_DEFAULTS.language, argv: words });
  requireApart(Object.keys(files));
  for (const path of Object.keys(files)) {
    const place = guestPath(path);
    if (code === undefined || place !== code && !place.startsWith(`${code}/`)) continue;
    throw new TypeError(
      `cannot give the file ${JSON.stringify(path)}: the code itself is ${code}: name it otherwise`,
    );
  }
}

/** @throws {TypeError} if two paths are the same file, or one is a folder of another. */
function requireApart(paths: readonly string[]): void {
  const places = new Map<string, string>();
  for (const path of paths) {
    const place = guestPath(path);
    const other = places.get(place);
    if (other !== undefined) throw notBoth(path, `${JSON.stringify(other)} is the same file`);
    places.set(place, path);
  }
  for (const [place, path] of places) {
    for (let end = place.indexOf("/", 1); end !== -1; end = place.indexOf("/", end + 1)) {
      const file = places.get(place.slice(0, end));
      if (file !== undefined) {
        throw notBoth(path, `${JSON.stringify(file)} is a file, not a folder`);
      }
    }
  }
}

function notBoth(path: string, fact: string): TypeError {
  return new TypeError(`cannot give the file ${JSON.stringify(path)}: ${fact}`);
}

/**
 * Returns the path of a given file in the guest.
 *
 * @throws {TypeError} if it is outside `/workspace`.
 */
export function guestPath(path: string): string {
  const relative = path.startsWith(`${WORKSPACE}/`) ? path.slice(WORKSPACE.length + 1) : path;
  const isInside = relative.split("/").every((name) => !["", ".", ".."].includes(name)) &&
    !path.includes("\0");
  if (isInside) return `${WORKSPACE}/${relative}`;
  throw new TypeError(
    `cannot give the file ${JSON.stringify(path)}: it must be a path below ${WORKSPACE}`,
  );
}
