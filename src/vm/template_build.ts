// Making a template: a machine boots, warms up, lets go of its drives, and is saved.

import type { Drive } from "../disks/drives.ts";
import { makeExt4Disk } from "../disks/ext4_disk.ts";
import { lockFile } from "../host/file_lock.ts";
import { killWithUs } from "../host/watchdog.ts";
import { MachineError } from "../machine/machine_error.ts";
import { messageOf } from "../model/errors.ts";
import { qemuUser } from "../qemu/privileges.ts";
import type { MountedDrives, TemplateMachine } from "./template_key.ts";
import {
  findTemplate,
  MAX_TEMPLATE_BYTES,
  pruneTemplates,
  publishTemplate,
  templateFiles,
  templatesDir,
} from "./template_store.ts";
import { type TemplateFiles, VirtualMachine } from "./virtual_machine.ts";
import { warmUp } from "./warm_up.ts";

/** How long the guest has to become quiet, in milliseconds. */
const SETTLE_MS = 100;

/** How long it may take to save a machine, in milliseconds. */
const SAVE_MS = 60_000;

/** How a template is made. */
export interface BuildOptions {
  /** Milliseconds that the machine has to boot. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called if it has to be made. */
  readonly onBuild?: () => void;
}

/** There is no place for a template: the disk is full, or the cache is not ours. A machine can be booted. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/**
 * The template of that key for `machine`: of the cache, or made now. Processes that want the same one
 * make it once.
 *
 * @throws {MachineError} if the machine cannot be booted. @throws {TemplateError} if it cannot be kept.
 */
export async function ensureTemplate(
  key: string,
  machine: TemplateMachine,
  options: BuildOptions,
): Promise<TemplateFiles> {
  try {
    return await findOrBuild(key, machine, options);
  } catch (error) {
    const fact = whyNotKept(error);
    if (fact === undefined || options.signal?.aborted === true) throw error;
    throw new TemplateError(`Cannot keep a template as ${fact}`, { cause: error });
  }
}

/** Why it was not kept, if the machine is not to blame. */
function whyNotKept(error: unknown): string | undefined {
  if (!(error instanceof MachineError)) return messageOf(error);
  if (error.phase === "save") return error.message;
  // Of which QEMU dies when it touches a page for which there is no room in the file.
  return error.message.includes("SIGBUS") ? "the disk of the cache is full" : undefined;
}

async function findOrBuild(
  key: string,
  machine: TemplateMachine,
  options: BuildOptions,
): Promise<TemplateFiles> {
  const found = findTemplate(key);
  if (found !== undefined) return found;
  await Deno.mkdir(templatesDir(), { recursive: true, mode: 0o700 });
  const lock = `${templatesDir()}/.lock-${key}`;
  using _lock = await lockFile(lock, options.signal);
  const made = findTemplate(key); // by who had the lock before us
  if (made !== undefined) return made;
  options.onBuild?.();
  await build(key, machine, options);
  pruneTemplates(MAX_TEMPLATE_BYTES);
  const template = findTemplate(key);
  if (template === undefined) throw new Error("Cannot keep the template as it is gone at once");
  return template;
}

async function build(
  key: string,
  machine: TemplateMachine,
  { limitMs, signal }: BuildOptions,
): Promise<void> {
  const path = `${templatesDir()}/.new-${crypto.randomUUID()}`;
  using _cleanup = killWithUs({ path });
  await Deno.mkdir(path, { mode: 0o700 });
  try {
    const { memory, state, workspace } = templateFiles(path);
    await makeMemory(memory, machine);
    const { mounted } = machine;
    const drives = mounted === undefined
      ? await placeholders(path, machine.drives)
      : await drivesInUse(mounted, workspace);
    const spec = { ...machine, drives, memory: { path: memory, use: "template" } } as const;
    await using booted = await VirtualMachine.boot(spec, limitMs, signal);
    await warmUp(booted, { commands: mounted?.warmUp ?? [] });
    if (mounted === undefined) {
      await booted.detach(limitMs);
      await warmUp(booted); // what was let go of may have been in use
    }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    await booted.save(state, SAVE_MS);
    await booted[Symbol.asyncDispose]();
    if (mounted === undefined) { for (const { file } of drives) await Deno.remove(file); }
    publishTemplate(key, path, aboutOf(machine));
  } catch (error) {
    await Deno.remove(path, { recursive: true }).catch(() => {}); // it may have been published
    throw error;
  }
}

/** QEMU opens it by itself, as the user that it runs as; nobody else can enter the folder. */
async function makeMemory(path: string, { memoryMib, accel }: TemplateMachine): Promise<void> {
  using file = await Deno.open(path, { createNew: true, write: true, mode: 0o600 });
  await file.truncate(memoryMib * 2 ** 20);
  if (qemuUser(accel) !== undefined) await Deno.chmod(path, 0o666);
}

/** The same drives, but that the workspace is the template's own. */
async function drivesInUse(
  { drives, workspaceMib }: MountedDrives,
  workspace: string,
): Promise<readonly Drive[]> {
  await makeExt4Disk(workspace, workspaceMib);
  return drives.map((drive) => drive.write ? { ...drive, file: workspace } : drive);
}

/** Bytes of a disk that stands for another one. */
const PLACEHOLDER_BYTES = 1 << 20;

/** Empty files in the places of the drives: a template never sees what a clone is given. */
async function placeholders(
  folder: string,
  drives: TemplateMachine["drives"],
): Promise<readonly Drive[]> {
  return await Promise.all(drives.map(async (drive) => {
    const file = `${folder}/${drive.name}`;
    using created = await Deno.open(file, { createNew: true, write: true });
    await created.truncate(PLACEHOLDER_BYTES);
    return { ...drive, file, format: "raw", isBlockDevice: false };
  }));
}

function aboutOf({ machine, accel, cpus, memoryMib, drives, network, kernel }: TemplateMachine) {
  const names = drives.map(({ name }) => name);
  return { machine, accel, cpus, memoryMib, drives: names, network, kernel };
}
