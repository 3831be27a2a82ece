// What a template is made of: machines that differ in any of it cannot be clones of the same one.

import { createHash } from "node:crypto";
import type { Drive, Network } from "../disks/drives.ts";
import { cacheDir } from "../host/cache_dir.ts";
import { programPath } from "../host/program_path.ts";
import type { MachineSpec } from "../qemu/argv.ts";
import { qemuUser } from "../qemu/privileges.ts";

/** A machine to be, as far as a template has to know it. */
export interface TemplateMachine extends
  Pick<
    MachineSpec,
    "arch" | "qemu" | "machine" | "accel" | "cpus" | "memoryMib" | "kernel" | "initrd" | "append"
  > {
  /** What they hold does not matter, as the guest has let go of them: only their places do. */
  readonly drives: readonly Pick<Drive, "name" | "media" | "write">[];
  readonly network: Network;
  /** What it has mounted already, and so does not let go of. */
  readonly mounted?: MountedDrives;
}

/** Drives that a template has in use: each clone has the same image, and a copy of the workspace. */
export interface MountedDrives {
  readonly drives: readonly Drive[];
  readonly workspaceMib: number;
  /** What it runs to have it in memory. */
  readonly warmUp: readonly WarmCommand[];
}

/** A command that a machine runs before it is used; that it fails is no matter. */
export interface WarmCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Who runs it: what it leaves behind is theirs. */
  readonly user?: string;
  /** Files that it needs. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** What it is told once it waits; it is left waiting. Without that it runs to its end. */
  readonly payload?: string;
}

/** Version of what the files of a template hold. */
const FORMAT = 2;

/**
 * The name of the template for a machine: 32 hex digits, the same only for the same files (by place, size
 * and time), options, and under KVM processor. What QEMU has to be given as another user is not the same.
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
 * The file of a drive that is only read; the one of the workspace is made for each machine. One that was
 * made again is another one, also in the cache: an image that the user has named can hold anything.
 */
function imageOf({ file, write }: Drive): readonly unknown[] {
  const info = write ? undefined : statOf(file);
  return info === undefined ? [] : [file, info.size, info.ino, info.dev, info.mtime?.getTime()];
}

/** Folders of the cache where files are named by what they hold, and have the time when they were used. */
const NAMED_FOLDERS = ["kernels", "initrds"];

/** Whatever is written to a file changes this. What is missing is told by who wants to open it. */
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

/** A guest under KVM has seen this processor: its model, its flags, its microcode. */
function processor(): string {
  const lines = Deno.readTextFileSync("/proc/cpuinfo").split("\n\n")[0]!.split("\n");
  return lines.filter((line) => !/^(cpu MHz|bogomips|apicid|initial apicid)\s/.test(line)).join(
    "\n",
  );
}
