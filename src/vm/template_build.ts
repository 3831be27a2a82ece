// Makes a template: boots a machine, warms it up, detaches its drives, and saves it.

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

/** How long the guest gets to become idle before it is saved, in milliseconds. */
const SETTLE_MS = 100;

/** How long saving a machine may take, in milliseconds. */
const SAVE_MS = 60_000;

/** Options of making a template. */
export interface BuildOptions {
  /** Milliseconds that the boot may take. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called if the template has to be made. */
  readonly onBuild?: () => void;
}

/**
 * A template cannot be kept: the disk is full, or the cache is not ours. Machines can still be
 * booted.
 */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/**
 * Returns the template with this key from the cache, or makes it from `machine`. Concurrent
 * processes make the same template only once.
 *
 * @throws {MachineError} if the machine cannot be booted.
 * @throws {TemplateError} if the template cannot be kept.
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
    throw new TemplateError(`cannot keep a template: ${fact}`, { cause: error });
  }
}

/** Why a template could not be kept; undefined if the machine itself failed. */
function whyNotKept(error: unknown): string | undefined {
  if (!(error instanceof MachineError)) return messageOf(error);
  if (error.phase === "save") return error.message;
  // The signal that kills QEMU when it touches a page of the file for which the disk has no space.
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
  const made = findTemplate(key); // by the previous holder of the lock
  if (made !== undefined) return made;
  options.onBuild?.();
  await build(key, machine, options);
  pruneTemplates(MAX_TEMPLATE_BYTES);
  const template = findTemplate(key);
  if (template === undefined) throw new Error("cannot keep the template: it was removed at once");
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
      await warmUp(booted); // again, as some code may have run for the drives before
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

/** Makes the memory file, which QEMU opens as its own user; no other user can enter the folder. */
async function makeMemory(path: string, { memoryMib, accel }: TemplateMachine): Promise<void> {
  using file = await Deno.open(path, { createNew: true, write: true, mode: 0o600 });
  await file.truncate(memoryMib * 2 ** 20);
  if (qemuUser(accel) !== undefined) await Deno.chmod(path, 0o666);
}

/** The same drives, with the template's own workspace in place of the writable one. */
async function drivesInUse(
  { drives, workspaceMib }: MountedDrives,
  workspace: string,
): Promise<readonly Drive[]> {
  await makeExt4Disk(workspace, workspaceMib);
  return drives.map((drive) => drive.write ? { ...drive, file: workspace } : drive);
}

/** Bytes of a placeholder disk. */
const PLACEHOLDER_BYTES = 1 << 20;

/** Makes empty files in place of the drives: a template never sees the drives of its clones. */
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
