// Stores templates, booted machines to clone, in the cache.
//
// Each is a folder `<cache>/templates/<key>` that appears complete, by a rename:
//   memory         the guest's memory, a sparse file of the same size
//   state          the rest of the machine, as QEMU migrates it
//   workspace      the disk that the machine has mounted, if there is one
//   template.json  a TemplateRecord; its time is that of the last use
// Next to them, `.lock-<key>` is locked while a template is made.

import { createHash } from "node:crypto";
import { cacheDir } from "../host/cache_dir.ts";
import { messageOf } from "../model/errors.ts";
import type { TemplateFiles } from "./virtual_machine.ts";

/** The contents of `template.json`. */
export interface TemplateRecord {
  /** A description of the machine, for listings. */
  readonly about: TemplateAbout;
  /** The memory file as it was saved: a write to it changes this. */
  readonly memory: FileMark;
  /** SHA-256 of the state, in hex. */
  readonly state: string;
  /** The disk of the workspace as it was saved, if there is one. */
  readonly workspace?: FileMark | undefined;
}

/** A description of a template's machine. */
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

/** Facts by which a file is recognized as unchanged, without reading it. */
export interface FileMark {
  readonly size: number;
  readonly ino: number | null;
  readonly mtimeMs: number | undefined;
  readonly ctimeMs: number | undefined;
}

/** An entry of a list of templates. */
export interface ListedTemplate {
  readonly key: string;
  readonly path: string;
  /** Bytes that it uses on the disk. */
  readonly bytes: number;
  readonly usedMs: number;
  /** Undefined if it is damaged. */
  readonly about: TemplateAbout | undefined;
}

/** Bytes of disk that all templates may use together; the least recently used are removed. */
export const MAX_TEMPLATE_BYTES: number = 4 * 2 ** 30;

/** The folder of all templates. */
export function templatesDir(): string {
  return `${cacheDir()}/templates`;
}

/** The folder of the template with this key, which need not exist. */
export function templatePath(key: string): string {
  return `${templatesDir()}/${key}`;
}

/** The paths of a template's files in the folder `path`. */
export function templateFiles(path: string): TemplateFiles {
  return { memory: `${path}/memory`, state: `${path}/state`, workspace: `${path}/workspace` };
}

/**
 * Finds the template with this key and marks it as used; `undefined` if there is none. A damaged
 * one is removed.
 *
 * @throws {Error} if the templates belong to another user: they hold the memory of guests.
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
      throw new Error(`${templatesDir()} belongs to another user`, { cause: error });
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
    // it can be used but not written to: the cache belongs to another user, or is read-only
  }
}

function requireMark(path: string, mark: FileMark): void {
  if (JSON.stringify(markOf(path)) !== JSON.stringify(mark)) throw new Error("it has changed");
}

/** Adds the record to the files in the folder `path`, and moves the folder to its final place. */
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

/** Removes a template; returns whether there was one. Running clones are not affected. */
export function removeTemplate(key: string): boolean {
  const aside = `${templatesDir()}/.old-${crypto.randomUUID()}`;
  try {
    Deno.renameSync(templatePath(key), aside);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new Error(`cannot remove the template ${key}: ${messageOf(error)}`);
  }
  removeFolder(aside);
  return true;
}

/** Lists all templates, the most recently used first. */
export function listTemplates(): ListedTemplate[] {
  return entries().filter((name) => /^[0-9a-f]{32}$/.test(name)).map(describe)
    .sort((a, b) => b.usedMs - a.usedMs);
}

/**
 * Removes the least recently used templates until the rest takes at most `maxBytes`, and leftovers
 * of killed processes. Returns the templates that it removed.
 */
export function pruneTemplates(maxBytes: number): ListedTemplate[] {
  removeLeftovers();
  let total = 0;
  const tooMany = listTemplates().filter(({ bytes }) => (total += bytes) > maxBytes);
  return tooMany.filter(({ key }) => removeTemplate(key));
}

/** How long writing a template may take, in milliseconds; after that it is a leftover. */
const LEFTOVER_MS = 3_600_000;

function removeLeftovers(): void {
  for (const name of entries().filter((name) => /^\.(new|old)-/.test(name))) {
    const path = `${templatesDir()}/${name}`;
    const madeMs = statOf(path)?.mtime?.getTime() ?? Date.now();
    if (Date.now() - madeMs > LEFTOVER_MS || name.startsWith(".old-")) removeFolder(path);
  }
}

/**
 * Removes a folder if possible: another process may be doing the same, or it may belong to another
 * user.
 */
function removeFolder(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // the next prune tries again
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

/** Checks a record, as the cache may be shared with another version of execvm. */
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
