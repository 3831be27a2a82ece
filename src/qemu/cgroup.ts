// Makes a cgroup that limits the memory and CPU time of one process.
//
//   version 2  one folder: memory.max, memory.swap.max, cpu.max, memory.events
//   version 1  two folders: memory.limit_in_bytes, memory.memsw.limit_in_bytes, memory.oom_control;
//              cpu.cfs_period_us, cpu.cfs_quota_us, cpu.shares

import { messageOf } from "../model/errors.ts";
import { type CgroupFolder, cgroupName, makeCgroupFolder, sweepCgroups } from "./cgroup_folder.ts";
import { type CgroupPlace, cgroupPlaces, type Controller } from "./cgroup_places.ts";

/** The limits of a process. */
export interface CgroupBounds {
  /** MiB of memory, and the same amount of swap. */
  readonly memoryMib: number;
  /** Processors; may be fractional. */
  readonly cpus: number;
}

/** A cgroup. Dispose it once its processes have ended. */
export interface Cgroup extends Disposable {
  /** The controllers whose limits apply. */
  readonly controllers: readonly Controller[];
  readonly folders: readonly string[];
  /**
   * Moves a process into it; memory that the process already has is not counted.
   *
   * @throws {Deno.errors} if it may not be moved, or has ended.
   */
  add(pid: number): Promise<void>;
  /** How many of its processes the OOM killer has killed. */
  oomKills(): number;
}

/** Microseconds of a quota period (the kernel's default). */
const PERIOD_US = 100_000;

/** The default weight of a process (NICE_0_LOAD, kernel/sched/sched.h). */
const DEFAULT_SHARES = 1024;

const MIB = 2 ** 20;

/** The folders where making cgroups worked before, so that others are not tried each time. */
let known: readonly CgroupPlace[] | undefined;

/**
 * Makes a cgroup with these limits, which takes root or a part of the hierarchy delegated to us. It
 * is removed when it is disposed, or when this process is killed.
 *
 * @throws {Error} if none can be made; the message is the reason alone, as a clause.
 */
export function makeCgroup(bounds: CgroupBounds, places = known ?? findPlaces()): Cgroup {
  const name = cgroupName();
  const made: MadeFolder[] = [];
  let why = "none are mounted";
  for (const place of places) {
    try {
      made.push(makeFolder(place, name));
    } catch (error) {
      why = messageOf(error);
    }
  }
  if (made.length === 0) throw new Error(why);
  if (known === undefined) made.forEach(({ place }) => sweepCgroups(place.folders[0]!));
  known = made.map(({ place }) => place);
  const folders = made.map(({ folder }) => folder.path);
  const remove = () => made.forEach(({ folder }) => folder.remove());
  try {
    for (const { folder, place } of made) setBounds(folder.path, place, bounds);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    controllers: made.flatMap(({ place }) => place.controllers),
    folders,
    async add(pid) {
      const added = folders.map((folder) =>
        Deno.writeTextFile(`${folder}/cgroup.procs`, `${pid}`, { create: false })
      );
      await Promise.all(added);
    },
    oomKills: () => Math.max(...made.map(({ folder, place }) => readOomKills(folder.path, place))),
    [Symbol.dispose]: remove,
  };
}

function findPlaces(): CgroupPlace[] {
  const read = (name: string) => Deno.readTextFileSync(`/proc/self/${name}`);
  return cgroupPlaces(read("cgroup"), read("mountinfo"));
}

interface MadeFolder {
  readonly folder: CgroupFolder;
  /** The place with only the folder that was used and the controllers that it has. */
  readonly place: CgroupPlace;
}

function makeFolder({ version, controllers, folders }: CgroupPlace, name: string): MadeFolder {
  let why: unknown;
  for (const folder of folders) {
    const path = `${folder}/${name}`;
    let made: CgroupFolder;
    try {
      if (version === 2 && folder === folders.at(-1)) enable(folder, controllers);
      made = makeCgroupFolder(path);
    } catch (error) {
      why = error;
      continue;
    }
    const there = controllers.filter((controller) =>
      isFile(`${path}/${FILES[version][controller]}`)
    );
    if (there.length > 0) {
      return { folder: made, place: { version, controllers: there, folders: [folder] } };
    }
    made.remove();
    why = new Error(`${folder} does not let ${controllers.join(" and ")} be bounded`);
  }
  throw why;
}

const FILES = {
  1: { memory: "memory.limit_in_bytes", cpu: "cpu.cfs_quota_us" },
  2: { memory: "memory.max", cpu: "cpu.max" },
} as const;

/**
 * Enables controllers for the children of a folder; only tried at the root, where processes are
 * allowed.
 */
function enable(folder: string, controllers: readonly Controller[]): void {
  for (const controller of controllers) {
    try {
      write(folder, "cgroup.subtree_control", `+${controller}`);
    } catch {
      // enabled already, or not available: the files of a new cgroup show which
    }
  }
}

function setBounds(path: string, { version, controllers }: CgroupPlace, bounds: CgroupBounds) {
  const memory = String(bounds.memoryMib * MIB);
  const quota = String(Math.round(bounds.cpus * PERIOD_US));
  if (controllers.includes("memory")) {
    write(path, FILES[version].memory, memory);
    if (version === 2) writeOptional(path, "memory.swap.max", memory);
    else writeOptional(path, "memory.memsw.limit_in_bytes", String(2 * bounds.memoryMib * MIB));
  }
  if (!controllers.includes("cpu")) return;
  if (version === 2) return write(path, FILES[2].cpu, `${quota} ${PERIOD_US}`);
  write(path, "cpu.cfs_period_us", String(PERIOD_US));
  // By default it would weigh as much as one process outside of it, though it has several threads.
  write(path, "cpu.shares", String(Math.round(bounds.cpus * DEFAULT_SHARES)));
  write(path, FILES[1].cpu, quota);
}

/** Counts kills for any reason, not only for this limit, in both versions. */
function readOomKills(path: string, { version }: CgroupPlace): number {
  try {
    const text = Deno.readTextFileSync(
      `${path}/${version === 2 ? "memory.events" : "memory.oom_control"}`,
    );
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
  } catch {
    return 0; // it has no memory controller
  }
}

/** Writes to an existing file; never makes one, as a missing one means there is nothing to set. */
function write(folder: string, name: string, text: string): void {
  Deno.writeTextFileSync(`${folder}/${name}`, text, { create: false });
}

/** Writes to a file that is missing where swap is not accounted for. */
function writeOptional(folder: string, name: string, text: string): void {
  if (isFile(`${folder}/${name}`)) write(folder, name, text);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
