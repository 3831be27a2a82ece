// Computes the key of a template from everything that its guest depends on: machines with different
// keys cannot be clones of the same template.

import { createHash } from "node:crypto";
import type { Drive, Network } from "../disks/drives.ts";
import { cacheDir } from "../host/cache_dir.ts";
import { programPath } from "../host/program_path.ts";
import type { MachineSpec } from "../qemu/argv.ts";
import { qemuUser } from "../qemu/privileges.ts";

/** A machine, as far as its template depends on it. */
export interface TemplateMachine extends
  Pick<
    MachineSpec,
    "arch" | "qemu" | "machine" | "accel" | "cpus" | "memoryMib" | "kernel" | "initrd" | "append"
  > {
  /** The layout of the drives; their contents do not matter, as the guest has detached them. */
  readonly drives: readonly Pick<Drive, "name" | "media" | "write">[];
  readonly network: Network;
  /** Drives that it has mounted, and so does not detach. */
  readonly mounted?: MountedDrives;
}

/**
 * Drives that a template has mounted: each clone has the same image, and a copy of the workspace.
 */
export interface MountedDrives {
  readonly drives: readonly Drive[];
  readonly workspaceMib: number;
  /** Commands that it runs to have them in memory. */
  readonly warmUp: readonly WarmCommand[];
}

/** A command that a machine runs before it is used; its exit status is ignored. */
export interface WarmCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The user to run it as, who owns the files that it leaves. */
  readonly user?: string;
  /** Files that it needs, written before it runs. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /**
   * The payload that it is warmed up with; then it is started again and left waiting. Without it,
   * the command runs to its end.
   */
  readonly payload?: string;
}

/** Version of the format of a template's files. */
const FORMAT = 2;

/**
 * The key of the template for a machine: 32 hex digits, equal only for the same files (by path,
 * size and time), options, user of QEMU and, under KVM, processor.
 */
export function templateKey(machine: TemplateMachine): string {
  const { qemu, kernel, initrd, drives, accel, mounted, ...options } = machine;
  const files = [programPath(qemu) ?? qemu, kernel, initrd].map(identityOf);
  const layout = drives.map(({ name, media, write }) => [name, media, write]);
  const cpu = accel === "tcg" ? undefined : processor();
  const uid = qemuUser(accel)?.uid;
  const used = mounted && [mounted.workspaceMib, mounted.warmUp, mounted.drives.map(imageOf)];
  const facts = [FORMAT, files, layout, accel, cpu, uid, used, Object.entries(options).sort()];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 32);
}

/**
 * Identifies the file of a read-only drive; the workspace is made for each machine. A file that was
 * made again counts as another one, even in the cache: an image that the user has named can hold
 * anything.
 */
function imageOf({ file, write }: Drive): readonly unknown[] {
  const info = write ? undefined : statOf(file);
  return info === undefined ? [] : [file, info.size, info.ino, info.dev, info.mtime?.getTime()];
}

/**
 * Folders of the cache whose files are named by their contents, and have the time of their last
 * use.
 */
const NAMED_FOLDERS = ["kernels", "initrds"];

/**
 * Identifies a file by facts that change when it is written to. A missing file is reported when it
 * is opened.
 */
function identityOf(path: string): readonly unknown[] {
  const info = statOf(path);
  if (info === undefined) return [path];
  const { size, ino, dev, mtime } = info;
  const isNamed = NAMED_FOLDERS.some((folder) => path.startsWith(`${cacheDir()}/${folder}/`));
  return isNamed ? [path, size] : [path, size, ino, dev, mtime?.getTime()];
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}

/** The processor, which a guest under KVM has seen: its model, flags and microcode. */
function processor(): string {
  const lines = Deno.readTextFileSync("/proc/cpuinfo").split("\n\n")[0]!.split("\n");
  return lines.filter((line) => !/^(cpu MHz|bogomips|apicid|initial apicid)\s/.test(line)).join(
    "\n",
  );
}
