// How an image is to be prepared, as a user says it, and the same checked. Pure.

import { DISK_RANGE } from "../disks/ext4_disk.ts";
import { HOST_PLATFORM, parsePlatform } from "../images/platform.ts";
import type { SourceOptions } from "../images/root_source.ts";
import { type CountRange, MAX_TIMER_MS, requireCounts } from "../model/require_count.ts";
import { VM_RANGES } from "../vm/options.ts";
import { IMAGE_FORMATS, type ImageFormat, isImageFormat } from "./image_format.ts";

/** A file to put into an image. */
export type GivenFile = string | Uint8Array;

/** Packages of Python. */
export interface PipOptions {
  /** What to install, as pip takes it: `numpy==1.26.4`. */
  readonly requirements: readonly string[];
  /** URL of an index. @default pip's own */
  readonly index?: string;
  /** A folder of this machine with wheels, which the machine only reads; no index is asked then. */
  readonly wheels?: string;
}

/** What to prepare. All steps run in one virtual machine: packages, pip, files, run. */
export interface PrepareOptions
  extends Pick<SourceOptions, "platform" | "reference" | "docker" | "debian" | "registry"> {
  /** Where the root comes from: a path, `docker:NAME`, `oci://HOST/NAME:TAG` or `debian:SUITE`. */
  readonly from: string;
  /** Packages to install, by the package manager of the root: apt-get, apk or dnf. */
  readonly packages?: readonly string[];
  /** Packages of Python to install by the root's own pip; wheels only, so that nothing is built. */
  readonly pip?: readonly string[] | PipOptions;
  /** Files by their absolute paths in the image: a path on this machine, whose mode is kept, or bytes. */
  readonly files?: Readonly<Record<string, GivenFile>>;
  /** Commands to run as root, one after the other; each is an argv. */
  readonly run?: readonly (readonly string[])[];
  /**
   * Whether the machine has a network while it prepares: what this user can reach, with what listens on
   * the loopback. Packages and an index need it. @default false
   */
  readonly network?: boolean;
  /**
   * What the image is known by in place of its inputs, which are then not looked at: a name that
   * `execvm code --image` and `execvm image` take.
   */
  readonly cacheKey?: string;
  /**
   * The file system of the image: `squashfs` is packed while the root comes; `ext4` and `erofs` are made
   * of that by their own programs, as root in a machine. @default "squashfs"
   */
  readonly format?: ImageFormat;
  /** MiB that the steps may write. @default 8192 */
  readonly sizeMib?: number;
  /** Memory of the machine. @default 1024 */
  readonly memoryMib?: number;
  /** Processors of the machine. @default 1 */
  readonly cpus?: number;
  /** What runs the machine, as for `vm`. @default "auto" */
  readonly accel?: "auto" | "kvm" | "tcg";
  /** Milliseconds that each step may take. @default 1800000 */
  readonly stepTimeoutMs?: number;
  /** Hears of each step, in words, and how many files are packed. */
  readonly onProgress?: (step: string, files?: number) => void;
  /** Ends it; no image is left. */
  readonly signal?: AbortSignal;
}

/** What is to be done to a root. */
export interface PrepareSteps {
  readonly packages: readonly string[];
  readonly pip: PipOptions | undefined;
  readonly files: Readonly<Record<string, GivenFile>>;
  readonly run: readonly (readonly string[])[];
  readonly network: boolean;
}

/** The name of a package, with what may stand behind it; never an option. */
const PACKAGE = /^[A-Za-z0-9@][\w.+:~=<>@\/-]*$/;

/** What pip takes for a requirement; never an option, and no file or URL. */
const REQUIREMENT = /^[A-Za-z0-9][\w.-]*(\[[\w.,-]*\])?\s*([=<>!~]=?=?[^@\/]*)?$/;

/** What the options that are numbers may be. */
export const PREPARE_RANGES = {
  sizeMib: DISK_RANGE,
  memoryMib: VM_RANGES.memoryMib,
  cpus: VM_RANGES.cpus,
  stepTimeoutMs: { most: MAX_TIMER_MS },
} as const satisfies Partial<Record<keyof PrepareOptions, CountRange>>;

/**
 * Checks what is to be done.
 *
 * @throws {TypeError} if an option is not what it should be.
 * @throws {RangeError} if a size is not.
 */
export function toSteps(options: PrepareOptions): PrepareSteps {
  const { packages = [], files = {}, run = [], network = false, format } = options;
  if (format !== undefined && !isImageFormat(format)) {
    const known = IMAGE_FORMATS.join(", ");
    throw new TypeError(`Cannot make ${JSON.stringify(format)} as it must be one of ${known}`);
  }
  if (options.cacheKey !== undefined) requireName(options.cacheKey);
  requireCounts("prepare an image", options, PREPARE_RANGES);
  const pip = toPip(options.pip);
  requireAll("install the package", packages, PACKAGE, "a name");
  requireAll("install with pip", pip?.requirements ?? [], REQUIREMENT, "a name with a version");
  for (const path of Object.keys(files)) requirePath(path);
  for (const argv of run) requireArgv(argv);
  const wants = packages.length > 0 ? "packages" : pip?.wheels === undefined && pip && "pip";
  if (wants && !network) {
    throw new TypeError(`Cannot install ${wants} as there is no network: give network: true`);
  }
  const steps = { packages, pip, files, run, network };
  if (!isUntouched(steps)) requireNative(options.platform);
  return steps;
}

/** A name is a word of a line in lists. */
function requireName(name: string): void {
  // deno-lint-ignore no-control-regex
  if (typeof name === "string" && name !== "" && !/[\x00-\x1f\x7f]/.test(name)) return;
  throw new TypeError(
    `Cannot know an image by ${
      JSON.stringify(name)
    } as a name has letters, and no control characters`,
  );
}

/** Steps run in a machine of this one's own kind. */
function requireNative(platform: string = HOST_PLATFORM): void {
  const { architecture } = parsePlatform(platform);
  if (architecture === parsePlatform(HOST_PLATFORM).architecture) return;
  throw new TypeError(
    `Cannot prepare an image for ${platform} by steps as they run on ${HOST_PLATFORM}: ` +
      "without steps it can be the root of a vm of that arch",
  );
}

/** Whether there is nothing to be done. */
export function isUntouched({ packages, pip, files, run }: PrepareSteps): boolean {
  return packages.length + run.length + Object.keys(files).length === 0 && pip === undefined;
}

function toPip(pip: PrepareOptions["pip"]): PipOptions | undefined {
  const asked = pip !== undefined && "requirements" in pip ? pip : { requirements: pip ?? [] };
  return asked.requirements.length === 0 ? undefined : asked;
}

function requireAll(what: string, names: readonly string[], form: RegExp, be: string): void {
  const stray = names.find((name) => typeof name !== "string" || !form.test(name));
  if (stray === undefined) return;
  throw new TypeError(`Cannot ${what} ${JSON.stringify(stray)} as it must be ${be}`);
}

function requirePath(path: string): void {
  const parts = path.split("/").slice(1);
  const isPath = path.startsWith("/") && !path.includes("\0") &&
    parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (isPath) return;
  throw new TypeError(
    `Cannot put a file at ${JSON.stringify(path)} as that must be an absolute path`,
  );
}

function requireArgv(argv: readonly string[]): void {
  const isArgv = Array.isArray(argv) && argv.length > 0 &&
    argv.every((word) => typeof word === "string" && !word.includes("\0"));
  if (isArgv) return;
  throw new TypeError(
    `Cannot run ${JSON.stringify(argv)} as a command must be a list of strings, not empty`,
  );
}
