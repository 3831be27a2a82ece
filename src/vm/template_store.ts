// The templates in the cache: machines that have booted, to be cloned.
//
// Each is a folder `<cache>/templates/<key>` that appears whole, by a rename:
//   memory         the guest's memory, a file as large as that with holes
//   state          all else of the machine, as QEMU migrates it
//   workspace      the disk that the machine has mounted, if it has
//   template.json  a TemplateRecord; its time is when it was last used
// Beside them `.lock-<key>` is locked by who makes one.

import { createHash } from "node:crypto";
import { cacheDir } from "../host/cache_dir.ts";
import { messageOf } from "../model/errors.ts";
import type { TemplateFiles } from "./virtual_machine.ts";

/** What `template.json` holds. */
export interface TemplateRecord {
  /** What the machine is, for people. */
  readonly about: TemplateAbout;
  /** The file of the memory as it was left: who writes to it changes this. */
  readonly memory: FileMark;
  /** SHA-256 of the state, in hex. */
  readonly state: string;
  /** The disk of the workspace, likewise. */
  readonly workspace?: FileMark | undefined;
}

/** What is told of a template. */
export interface TemplateAbout {
  readonly machine: string;
  readonly accel: string;
  readonly cpus: number;
  readonly memoryMib: number;
  readonly drives: readonly string[];
  readonly network: string;
  /** Path of the kernel. */
  readonly kernel: string;
}

/** By which a file is known to be the same, without reading it. */
export interface FileMark {
  readonly size: number;
  readonly ino: number | null;
  readonly mtimeMs: number | undefined;
  readonly ctimeMs: number | undefined;
}

/** A template as it is listed. */
export interface ListedTemplate {
  readonly key: string;
  readonly path: string;
  /** Bytes of disk that it takes. */
  readonly bytes: number;
  readonly usedMs: number;
  /** Undefined if it is damaged. */
  readonly about: TemplateAbout | undefined;
}

/** Disk that all templates may take: those that have not been used for longest make room. */
export const MAX_TEMPLATE_BYTES: number = 4 * 2 ** 30;

/** Where templates are. */
export function templatesDir(): string {
  return `${cacheDir()}/templates`;
}

/** Where the template of that key is, or is to be. */
export function templatePath(key: string): string {
  return `${templatesDir()}/${key}`;
}

/** The files of a template in that folder. */
export function templateFiles(path: string): TemplateFiles {
  return { memory: `${path}/memory`, state: `${path}/state`, workspace: `${path}/workspace` };
}

/**
 * The template of that key, which counts as used now; `undefined` if there is none. One that is damaged is
 * removed.
 *
 * @throws {Error} if templates are another user's: they hold the memory of guests.
 */
export function findTemplate(key: string): TemplateFiles | undefined {
  const path = templatePath(key);
  const files = templateFiles(path);
  try {
    const record = readRecord(path);
    requireMark(files.memory, record.memory);
    if (record.workspace !== undefined) requireMark(files.workspace, record.workspace);
    if (digestOf(files.state) !== record.state) throw new Error();
    touch(`${path}/template.json`);
    return files;
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new Error(`${templatesDir()} is another user's`, { cause: error });
    }
    removeTemplate(key);
    return undefined;
  }
}

function touch(path: string): void {
  const now = new Date();
  try {
    Deno.utimeSync(path, now, now);
  } catch {
    // it may be used, and not written to: the cache is of somebody else, or read-only
  }
}

function requireMark(path: string, mark: FileMark): void {
  if (JSON.stringify(markOf(path)) !== JSON.stringify(mark)) throw new Error("it has changed");
}

/** Finishes what has been written to the folder `path`, and puts it in its place. */
export function publishTemplate(key: string, path: string, about: TemplateAbout): void {
  const { memory, state, workspace } = templateFiles(path);
  const record: TemplateRecord = {
    about,
    memory: markOf(memory),
    state: digestOf(state),
    ...(statOf(workspace) !== undefined && { workspace: markOf(workspace) }),
  };
  Deno.writeTextFileSync(`${path}/template.json`, `${JSON.stringify(record, null, 2)}\n`);
  removeTemplate(key);
  Deno.renameSync(path, templatePath(key));
}

/** Removes a template; whether there was one. Clones that are there go on. */
export function removeTemplate(key: string): boolean {
  const aside = `${templatesDir()}/.old-${crypto.randomUUID()}`;
  try {
    Deno.renameSync(templatePath(key), aside);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new Error(`Cannot remove the template ${key} as ${messageOf(error)}`);
  }
  removeFolder(aside);
  return true;
}

/** All templates, those used last first. */
export function listTemplates(): ListedTemplate[] {
  return entries().filter((name) => /^[0-9a-f]{32}$/.test(name)).map(describe)
    .sort((a, b) => b.usedMs - a.usedMs);
}

/**
 * Removes those that have not been used for longest, until the rest takes no more than `maxBytes`, and what
 * processes have left that were killed. Those that it removed.
 */
export function pruneTemplates(maxBytes: number): ListedTemplate[] {
  removeLeftovers();
  let total = 0;
  const tooMany = listTemplates().filter(({ bytes }) => (total += bytes) > maxBytes);
  return tooMany.filter(({ key }) => removeTemplate(key));
}

/** How long what is being written or removed may take, in milliseconds. */
const LEFTOVER_MS = 3_600_000;

function removeLeftovers(): void {
  for (const name of entries().filter((name) => /^\.(new|old)-/.test(name))) {
    const path = `${templatesDir()}/${name}`;
    const madeMs = statOf(path)?.mtime?.getTime() ?? Date.now();
    if (Date.now() - madeMs > LEFTOVER_MS || name.startsWith(".old-")) removeFolder(path);
  }
}

/** Removes what is in nobody's way, if it can: another process may do so, or it is another user's. */
function removeFolder(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // the next one may
  }
}

function describe(key: string): ListedTemplate {
  const path = templatePath(key);
  const names = ["memory", "state", "template.json", "workspace"];
  const files = names.map((name) => statOf(`${path}/${name}`));
  const bytes = files.reduce((sum, info) => sum + (info?.blocks ?? 0) * 512, 0); // stat(2)
  const usedMs = files[2]?.mtime?.getTime() ?? 0;
  return { key, path, bytes, usedMs, about: aboutOf(path) };
}

function aboutOf(path: string): TemplateAbout | undefined {
  try {
    const { about } = readRecord(path);
    return isAbout(about) ? about : undefined;
  } catch {
    return undefined;
  }
}

/** A cache may be shared with an execvm of another version. */
function isAbout({ machine, accel, cpus, memoryMib, drives, network, kernel }: TemplateAbout) {
  return [machine, accel, network, kernel].every((value) => typeof value === "string") &&
    [cpus, memoryMib].every((value) => typeof value === "number") && Array.isArray(drives);
}

function readRecord(path: string): TemplateRecord {
  return JSON.parse(Deno.readTextFileSync(`${path}/template.json`));
}

function markOf(path: string): FileMark {
  const { size, ino, mtime, ctime } = Deno.statSync(path);
  return { size, ino, mtimeMs: mtime?.getTime(), ctimeMs: ctime?.getTime() };
}

function digestOf(path: string): string {
  return createHash("sha256").update(Deno.readFileSync(path)).digest("hex");
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}

function entries(): string[] {
  try {
    return [...Deno.readDirSync(templatesDir())].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
