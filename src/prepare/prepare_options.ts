// The options of `prepareImage`, and their validation. Pure.

import { DISK_RANGE } from "../disks/disk_range.ts";
import { HOST_PLATFORM, parsePlatform } from "../images/platform.ts";
import type { SourceOptions } from "../images/root_source.ts";
import { MAX_TIMER_MS, type RangesOf, requireCounts } from "../model/require_count.ts";
import { VM_RANGES } from "../vm/options.ts";
import { IMAGE_FORMATS, type ImageFormat, isImageFormat } from "./image_format.ts";

/** A file to put into an image: a path on this machine, or the content. */
export type GivenFile = string | Uint8Array;

/** Python packages to install. */
export interface PipOptions {
  /** Requirements in pip's notation, such as `numpy==1.26.4`. */
  readonly requirements: readonly string[];
  /** URL of a package index. @default pip's default */
  readonly index?: string;
  /** A folder of wheels on this machine, which the guest reads; no index is used then. */
  readonly wheels?: string;
}

/**
 * The image to prepare. All steps run in one virtual machine, in the order packages, pip, files,
 * run.
 */
export interface PrepareOptions
  extends Pick<SourceOptions, "platform" | "reference" | "docker" | "debian" | "registry"> {
  /**
   * The source of the root: a path, `docker:NAME`, `oci://HOST/NAME:TAG`, `debian:SUITE`, or the
   * name or key of an image to start from. A path that exists comes before an image of that name.
   */
  readonly from: string;
  /** Packages to install with the root's package manager: apt-get, apk or dnf. */
  readonly packages?: readonly string[];
  /**
   * Python packages to install with the root's pip, from wheels only, so that nothing is compiled.
   */
  readonly pip?: readonly string[] | PipOptions;
  /**
   * Files by absolute path in the image: a path on this machine, whose mode is kept, or the
   * content.
   */
  readonly files?: Readonly<Record<string, GivenFile>>;
  /** Commands to run as root, one after the other; each is an argv. */
  readonly run?: readonly (readonly string[])[];
  /**
   * Whether the machine has a network while it prepares, which reaches whatever this user can,
   * including loopback services of this machine. Packages and a package index require it.
   *
   * @default false
   */
  readonly network?: boolean;
  /**
   * A name for the image, which `vm({ root })`, `runCode` and the command line accept. If another
   * image has the name, it moves to this one; the other keeps its key.
   *
   * @default none
   */
  readonly name?: string;
  /**
   * A `name` that also identifies the image in place of its inputs: an image that has the name is
   * returned as it is.
   *
   * @default the inputs identify the image
   */
  readonly cacheKey?: string;
  /**
   * Whether the image is made again, from its source as that is now, even if the cache has it. The
   * new one is used from then on; the older one keeps its key until it is removed.
   *
   * @default false
   */
  readonly refresh?: boolean;
  /**
   * The file system of the image: `squashfs` is packed while the root is fetched; `ext4` and
   * `erofs` are made from that by their mkfs programs, as root in a machine.
   *
   * @default "squashfs"
   */
  readonly format?: ImageFormat;
  /** Disk space that the steps may write, in MiB. @default 8192 */
  readonly sizeMib?: number;
  /** Memory of the machine, in MiB. @default 1024 */
  readonly memoryMib?: number;
  /** Processors of the machine. @default 1 */
  readonly cpus?: number;
  /** QEMU's accelerator, as for `vm`. @default "auto" */
  readonly accel?: "auto" | "kvm" | "tcg";
  /** Milliseconds that each step may take. @default 1800000 */
  readonly stepTimeoutMs?: number;
  /** Called for each step with a readable text, and while files are packed with their number. */
  readonly onProgress?: (step: string, files?: number) => void;
  /** Ends the preparation when aborted; no image is left. */
  readonly signal?: AbortSignal;
}

/** The steps that change a root, validated. */
export interface PrepareSteps {
  readonly packages: readonly string[];
  readonly pip: PipOptions | undefined;
  readonly files: Readonly<Record<string, GivenFile>>;
  readonly run: readonly (readonly string[])[];
  readonly network: boolean;
}

/** The name of a package, optionally with a version or architecture; never an option. */
const PACKAGE = /^[A-Za-z0-9@][\w.+:~=<>@\/-]*$/;

/** A requirement in pip's notation; never an option, a file or a URL. */
const REQUIREMENT = /^[A-Za-z0-9][\w.-]*(\[[\w.,-]*\])?\s*([=<>!~]=?=?[^@\/]*)?$/;

/** What the options that are numbers may be. */
export const PREPARE_RANGES: RangesOf<
  PrepareOptions,
  "sizeMib" | "memoryMib" | "cpus" | "stepTimeoutMs"
> = {
  sizeMib: DISK_RANGE,
  memoryMib: VM_RANGES.memoryMib,
  cpus: VM_RANGES.cpus,
  stepTimeoutMs: { most: MAX_TIMER_MS },
};

/**
 * Validates the options and returns their steps.
 *
 * @throws {TypeError} if an option is invalid.
 * @throws {RangeError} if a number is out of range.
 */
export function toSteps(options: PrepareOptions): PrepareSteps {
  const { packages = [], files = {}, run = [], network = false, format } = options;
  if (format !== undefined && !isImageFormat(format)) {
    const known = IMAGE_FORMATS.join(", ");
    throw new TypeError(`cannot make ${JSON.stringify(format)}: it must be one of ${known}`);
  }
  if (options.cacheKey !== undefined) requireCacheKey(options.cacheKey);
  if (options.name !== undefined) requireName(options);
  requireCounts("prepare an image", options, PREPARE_RANGES);
  const pip = toPip(options.pip);
  requireAll("install the package", packages, PACKAGE, "a name");
  requireAll("install with pip", pip?.requirements ?? [], REQUIREMENT, "a name with a version");
  for (const path of Object.keys(files)) requirePath(path);
  for (const argv of run) requireArgv(argv);
  const wants = packages.length > 0 ? "packages" : pip?.wheels === undefined && pip && "pip";
  if (wants && !network) {
    throw new TypeError(`cannot install ${wants}: there is no network: give network: true`);
  }
  const steps = { packages, pip, files, run, network };
  if (!isUntouched(steps)) requireNative(options.platform);
  return steps;
}

/** A name that is not a path or the source of an image. */
const NAME = /^(?!(?:docker|oci|debian):)[A-Za-z0-9][\w.+@:-]{0,127}$/;

/** All of a key. */
const KEY = /^[0-9a-f]{64}$/;

function requireName({ name, cacheKey }: PrepareOptions): void {
  if (cacheKey !== undefined) {
    throw new TypeError("cannot take name and cacheKey: both name the image");
  }
  if (typeof name === "string" && NAME.test(name) && !KEY.test(name)) return;
  throw new TypeError(
    `cannot name an image ${JSON.stringify(name)}: ` +
      "a name has up to 128 letters, digits and . _ + @ : - and is not a source or a key",
  );
}

/** Names are shown in lists, one a line, so they have no control characters. */
function requireCacheKey(name: string): void {
  // deno-lint-ignore no-control-regex
  if (typeof name === "string" && name !== "" && !/[\x00-\x1f\x7f]/.test(name)) return;
  throw new TypeError(
    `cannot name an image ${
      JSON.stringify(name)
    }: a name must not be empty or have control characters`,
  );
}

/** Steps run in a machine of this machine's architecture. */
function requireNative(platform: string = HOST_PLATFORM): void {
  const { architecture } = parsePlatform(platform);
  if (architecture === parsePlatform(HOST_PLATFORM).architecture) return;
  throw new TypeError(
    `cannot prepare an image for ${platform} by steps: they run on ${HOST_PLATFORM}: ` +
      "without steps it can be the root of a vm of that arch",
  );
}

/** Returns whether there are no steps. */
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
  throw new TypeError(`cannot ${what} ${JSON.stringify(stray)}: it must be ${be}`);
}

function requirePath(path: string): void {
  const parts = path.split("/").slice(1);
  const isPath = path.startsWith("/") && !path.includes("\0") &&
    parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (isPath) return;
  throw new TypeError(
    `cannot put a file at ${JSON.stringify(path)}: that must be an absolute path`,
  );
}

function requireArgv(argv: readonly string[]): void {
  const isArgv = Array.isArray(argv) && argv.length > 0 &&
    argv.every((word) => typeof word === "string" && !word.includes("\0"));
  if (isArgv) return;
  throw new TypeError(
    `cannot run ${JSON.stringify(argv)}: a command must be a list of strings, not empty`,
  );
}
