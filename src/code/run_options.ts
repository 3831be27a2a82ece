// How code is to be run, as a user says it, and the same checked. Pure.

import { DISK_RANGE } from "../disks/ext4_disk.ts";
import type { SignalName } from "../libc/signals.ts";
import { type CountRange, MAX_TIMER_MS, requireCounts } from "../model/require_count.ts";
import type { RunObserver } from "../model/run_observer.ts";
import { toWordList, type Word } from "../model/word.ts";
import { checkUser, VM_RANGES, type VmOptions } from "../vm/options.ts";
import { pathFilter } from "../workspace/path_filter.ts";
import { WORKSPACE } from "../workspace/workspace_layout.ts";
import { codePath, isLanguage, type LanguageName, LANGUAGES } from "./language.ts";

/** Which outputs to take out of the machine. */
export type OutputMode = "diff" | "all" | "none" | "paths";

/** How code is run. The limits hold whatever the code does. */
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
    | "network"
    | "qemu"
    | "template"
    | "user"
  > {
  /** What the code is written in. @default "python" */
  readonly language?: LanguageName;
  /**
   * What runs it in place of a language: an argv in which `{code}` is the code, `{file}` a file of it,
   * `/workspace/main`.
   */
  readonly argv?: readonly Word[];
  /** Further arguments of the code. */
  readonly args?: readonly Word[];
  /** Variables, beside those of the image. */
  readonly env?: Readonly<Record<string, Word>>;
  /** What the code reads. A stream is owned. @default nothing */
  readonly stdin?: string | Uint8Array | ReadableStream<Uint8Array>;
  /**
   * Files in `/workspace` by their relative paths: a path on this machine, or bytes. The code is there too,
   * as `main.py`, `main.sh`, `main.mjs` or `main.ts`, so that it can import them.
   */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /**
   * Code of the language that has run before, in the machine that those of this image are cloned from, so
   * that what it loads is there: `import numpy`. Python itself has been started there too, and waits: its
   * hash seed is then the same for all, and what it reads only as it starts is as it was. `false` has it
   * started for this code; so does a variable that it reads only then. Needs `template`.
   *
   * @default ""
   */
  readonly warm?: string | false;
  /** Milliseconds that the code has once its machine is there. @default 60000 */
  readonly timeoutMs?: number;
  /** Bytes that are kept of stdout, and of stderr; the code can write on. @default 1048576 */
  readonly maxOutputBytes?: number;
  /** MiB of disk that the code may write. @default 1024 */
  readonly workspaceMib?: number;
  /**
   * What to take out: `diff` is what the code created, changed and deleted; `all` is that with the files
   * that it was given; `paths` is what `paths` chooses of all; `none` is not looked for at all. The file of
   * the code is told of only if it was changed, what Python keeps in `__pycache__` only by `paths`, and what is
   * in `/tmp` only by globs that begin with it.
   *
   * @default "diff"
   */
  readonly output?: OutputMode;
  /** Globs of absolute paths, such as `/workspace/*.png`, for `output: "paths"`. */
  readonly paths?: readonly string[];
  /**
   * A folder for the outputs, which is new or empty; that is checked before the code runs. `false` takes none
   * out: they are only told of.
   *
   * @default a new one in the folder for temporary files, if there are outputs, which goes with this process
   */
  readonly outputsDir?: string | false;
  /**
   * A file for the outputs as a tar, straight from the disk, in a folder that is there; that it can be written is
   * checked before the code runs. A folder of outputs is made then only if it is named.
   */
  readonly outputsTar?: string;
  /** Hears of stdout and stderr as they come, all of them; a chunk is the listener's. */
  readonly onOutput?: (stream: "stdout" | "stderr", chunk: Uint8Array) => void;
  /** Watches the run, such as what `observe` gives: a stage on `vm`, from source `code` to sink `outputs`. */
  readonly observer?: RunObserver;
  /** Ends it; there is no result then. */
  readonly signal?: AbortSignal;
}

/** Limits, and what they are unless told otherwise. */
export const CODE_DEFAULTS = {
  language: "python",
  timeoutMs: 60_000,
  maxOutputBytes: 1 << 20,
  workspaceMib: 1024,
  output: "diff",
} as const;

/** What the options that are numbers may be. */
export const CODE_RANGES = {
  timeoutMs: { most: MAX_TIMER_MS },
  maxOutputBytes: { least: 0 },
  workspaceMib: DISK_RANGE,
  cpus: VM_RANGES.cpus,
  memoryMib: VM_RANGES.memoryMib,
  bootTimeoutMs: VM_RANGES.bootTimeoutMs,
} as const satisfies Partial<Record<keyof RunCodeOptions, CountRange>>;

/** Files that are not there are told of when they are read. @throws {TypeError | RangeError} as said there. */
export function checkRunOptions(options: RunCodeOptions): void {
  const { language, output = CODE_DEFAULTS.output, paths, argv, files = {} } = options;
  const { outputsDir, outputsTar } = options;
  if (language !== undefined && !isLanguage(language)) {
    const known = Object.keys(LANGUAGES).join(", ");
    throw new TypeError(`Cannot run ${JSON.stringify(language)} as it must be one of ${known}`);
  }
  if (argv !== undefined && (argv.length === 0 || language !== undefined)) {
    throw new TypeError("Cannot run an argv as it must not be empty, nor be beside a language");
  }
  if (!["diff", "all", "none", "paths"].includes(output)) {
    const modes = "diff, all, none or paths";
    throw new TypeError(`Cannot take out ${JSON.stringify(output)} as output must be ${modes}`);
  }
  if ((output === "paths") !== (paths !== undefined)) {
    throw new TypeError('Cannot choose outputs as paths and output: "paths" go together');
  }
  for (const place of [outputsDir, outputsTar]) {
    if (place !== "") continue;
    throw new TypeError('Cannot put outputs into "" as that is no path');
  }
  pathFilter(paths ?? []);
  requireCounts("run code", options, CODE_RANGES);
  checkUser(options);
  const words = argv && toWordList(argv, "argv");
  const code = codePath({ language: language ?? CODE_DEFAULTS.language, argv: words });
  requireApart(Object.keys(files));
  for (const path of Object.keys(files)) {
    const place = guestPath(path);
    if (code === undefined || place !== code && !place.startsWith(`${code}/`)) continue;
    throw new TypeError(
      `Cannot give the file ${
        JSON.stringify(path)
      } as the code itself is ${code}: name it otherwise`,
    );
  }
}

/** @throws {TypeError} if two are given for one place, or one for the folder of another. */
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
  return new TypeError(`Cannot give the file ${JSON.stringify(path)} as ${fact}`);
}

/** Where a given file is in the guest. @throws {TypeError} if that is not in `/workspace`. */
export function guestPath(path: string): string {
  const relative = path.startsWith(`${WORKSPACE}/`) ? path.slice(WORKSPACE.length + 1) : path;
  const isInside = relative.split("/").every((name) => !["", ".", ".."].includes(name)) &&
    !path.includes("\0");
  if (isInside) return `${WORKSPACE}/${relative}`;
  throw new TypeError(
    `Cannot give the file ${JSON.stringify(path)} as it must be a path below ${WORKSPACE}`,
  );
}

/** How code ended. */
export interface CodeEnd {
  /** Its exit code; null if it did not exit by itself. */
  readonly exitStatus: number | null;
  /** The signal that it died of, or that ended it; null if none did. */
  readonly signal: SignalName | null;
}
