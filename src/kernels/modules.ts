// Selects the modules that a guest needs, and determines the order in which to load them.

import { runTool } from "../host/run_tool.ts";
import { moduleName, type ModuleNeeds, readModuleNeeds } from "./modinfo.ts";

/**
 * The modules that a guest may need, each with its option in the configuration of the kernel. Those
 * that are built in are left out.
 */
const GUEST_MODULES = {
  // Buses: pc and q35, microvm.
  virtio_pci: "VIRTIO_PCI",
  virtio_mmio: "VIRTIO_MMIO",
  virtio_console: "VIRTIO_CONSOLE",
  virtio_blk: "VIRTIO_BLK",
  virtio_net: "VIRTIO_NET",
  virtio_rng: "HW_RANDOM_VIRTIO",
  // An .iso given as a cdrom.
  virtio_scsi: "SCSI_VIRTIO",
  sr_mod: "BLK_DEV_SR",
  sd_mod: "BLK_DEV_SD",
  ext4: "EXT4_FS",
  squashfs: "SQUASHFS",
  erofs: "EROFS_FS",
  isofs: "ISO9660_FS",
  overlay: "OVERLAY_FS",
  unix: "UNIX",
  af_packet: "PACKET",
} as const;

/** Modules by name, each with its option of the kernel's configuration, without `CONFIG_`. */
export type WantedModules = Readonly<Record<string, string>>;

/** The modules of an unpacked kernel. */
export interface ModuleSource {
  /** The folder of one kernel version, as in `/lib/modules/VERSION`. */
  readonly folder: string;
  /** The configuration of the kernel, if known: lines of `CONFIG_NAME=y`. */
  readonly config: string | undefined;
  /** The release of the kernel that must load them. @default any */
  readonly release?: string;
}

/** The result of {@linkcode copyModules}. */
export interface ModuleCopy {
  /** Names of the files in `target`, in the order to load them. */
  readonly modules: readonly string[];
  /** Modules that the kernel has neither as files nor built in. */
  readonly missing: readonly string[];
}

/**
 * Copies the modules that a guest needs, and their dependencies, decompressed, from an unpacked
 * package.
 *
 * @param target an existing folder
 * @throws {Error} if a module is damaged or for another release, or a dependency is missing.
 */
export async function copyModules(
  { folder, config = "", release }: ModuleSource,
  target: string,
  wanted: WantedModules = GUEST_MODULES,
): Promise<ModuleCopy> {
  const files = new Map([...modulesIn(folder)].map((path) => [moduleName(path), path]));
  const builtin = readBuiltin(folder);
  const needs = new Map<string, ModuleNeeds>();
  const copy = async (name: string): Promise<void> => {
    const file = files.get(name);
    if (file === undefined || needs.has(name)) return;
    const bytes = await decompressed(file);
    const own = readModuleNeeds(bytes);
    requireRelease(name, own, release);
    needs.set(name, own);
    await Deno.writeFile(`${target}/${name}.ko`, bytes);
    for (const next of [...own.depends, ...own.wishes]) await copy(next);
  };
  const names = Object.keys(wanted);
  for (const name of names) await copy(name);
  // Features that cannot be modules, such as unix in Linux 6.12, are only in the configuration.
  const isBuiltIn = (name: string) =>
    builtin.has(name) || new RegExp(`^CONFIG_${wanted[name]}=y$`, "m").test(config);
  return {
    modules: loadOrder(names.filter((name) => needs.has(name)), needs, builtin)
      .map((name) => `${name}.ko`),
    missing: names.filter((name) => !needs.has(name) && !isBuiltIn(name)),
  };
}

/** Checks what the kernel would refuse with ENOEXEC (kernel/module/main.c: same_magic). */
function requireRelease(name: string, { vermagic }: ModuleNeeds, release?: string): void {
  const own = vermagic?.trim().split(" ")[0];
  if (release === undefined || own === undefined || own === release) return;
  throw new Error(
    `the version magic of ${name} is that of ${own}, and the kernel is ${release} ` +
      "(Exec format error)",
  );
}

/**
 * Returns `wanted` and all their dependencies, each module after those that it needs.
 *
 * @param needs of all modules that exist as files
 * @throws {Error} if a dependency is missing, or modules depend on each other in a cycle.
 */
export function loadOrder(
  wanted: readonly string[],
  needs: ReadonlyMap<string, ModuleNeeds>,
  builtin: ReadonlySet<string>,
): string[] {
  const done = new Set<string>();
  const visit = (name: string, before: readonly string[]): void => {
    if (done.has(name)) return;
    const way = [...before, name];
    if (before.includes(name)) {
      throw new Error(`cannot load ${name}: it depends on itself: ${way.join(" -> ")}`);
    }
    const { depends, wishes } = needs.get(name)!;
    const lost = depends.find((next) => !needs.has(next) && !builtin.has(next));
    if (lost !== undefined) throw new Error(`cannot load ${name}: there is no ${lost}`);
    for (const next of depends) if (needs.has(next)) visit(next, way);
    // A wish that depends on this module, or on one that needs it, cannot be loaded before it.
    const isPossible = (next: string) => !way.some((each) => closure(next, needs).has(each));
    for (const next of wishes) if (needs.has(next) && isPossible(next)) visit(next, way);
    done.add(name);
  };
  for (const name of wanted) visit(name, []);
  return [...done];
}

/** A module and all modules that it depends on. */
function closure(
  name: string,
  needs: ReadonlyMap<string, ModuleNeeds>,
  found: Set<string> = new Set(),
): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const next of needs.get(name)?.depends ?? []) closure(next, needs, found);
  return found;
}

function* modulesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* modulesIn(`${folder}/${name}`);
    else if (/\.ko(\.(xz|zst|gz))?$/.test(name)) yield `${folder}/${name}`;
  }
}

/**
 * The names in `modules.builtin`, where each line is the path that the module would have; none if
 * there is no such file.
 */
function readBuiltin(source: string): Set<string> {
  try {
    const lines = Deno.readTextFileSync(`${source}/modules.builtin`).split("\n");
    return new Set(lines.filter((line) => line !== "").map(moduleName));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Set();
    throw error;
  }
}

/** Programs that decompress a file to stdout, by file extension. */
const DECOMPRESSORS: Readonly<Record<string, string>> = { xz: "xz", zst: "zstd", gz: "gzip" };

async function decompressed(file: string): Promise<Uint8Array> {
  const program = DECOMPRESSORS[file.slice(file.lastIndexOf(".") + 1)];
  if (program === undefined) return await Deno.readFile(file);
  return await runTool([program, "-dcq", "--", file]);
}
