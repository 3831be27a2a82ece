// Reads the facts about KVM on this host, and remembers for a day how the first boot with it went.

import { cacheDir, findCacheDir } from "../host/cache_dir.ts";
import { programPath } from "../host/program_path.ts";
import { replaceFile } from "../host/write_aside.ts";
import type { AccelFacts, FirstBoot } from "./accel.ts";
import { readKvmFacts } from "./kvm_facts.ts";
import { mayOpenKvm, qemuUser } from "./privileges.ts";

/** How long a result is remembered: a slow boot may have been due to a busy host. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/**
 * The outcome of a first boot with KVM; for `crawled`, with the times of both boots in
 * milliseconds.
 */
export type Outcome =
  | { readonly outcome: "ready" | "late" }
  | { readonly outcome: "crawled"; readonly kvmMs: number; readonly tcgMs: number };

/** Reads what is known about KVM on this host. @param qemu the program that starts machines */
export function readAccelFacts(qemu: string): AccelFacts {
  const kvm = readKvmFacts();
  return { kvm, isOpenToQemu: mayOpenKvm(qemuUser("kvm")), firstBoot: firstBootOf(qemu) };
}

/**
 * Without a cache folder nothing is remembered; booting a machine then reports that it is missing.
 */
function firstBootOf(qemu: string): FirstBoot | undefined {
  return findCacheDir() === undefined ? undefined : readFirstBoot(qemu);
}

/**
 * The remembered first boot of a QEMU on this host and kernel, if there is one.
 *
 * @param now milliseconds since 1970
 */
export function readFirstBoot(qemu: string, now: number = Date.now()): FirstBoot | undefined {
  const kept = ofProcess.get(processKeyOf(qemu));
  const entry = readMemory(now)[keyOf(qemu)] ?? (isRecent(kept?.at, now) ? kept : undefined);
  if (entry?.outcome !== "crawled") return entry && { outcome: entry.outcome };
  const { outcome, kvmMs, tcgMs } = entry;
  const until = new Date(Date.parse(entry.at) + REMEMBERED_MS).toISOString();
  return { outcome, kvmMs, tcgMs, until: until.replace(/:\d\d\.\d+Z$/, "Z") };
}

/** Results that only this process remembers: `late` ones, and those that could not be cached. */
const ofProcess = new Map<string, Entry>();

/**
 * Remembers for a day how the first boot with KVM went for a QEMU on this host and kernel. `late`
 * is remembered in this process only: the next boot with KVM gets more time, and so is more
 * conclusive.
 *
 * @param now milliseconds since 1970
 */
export function rememberFirstBoot(qemu: string, outcome: Outcome, now: number = Date.now()): void {
  const entry = { ...outcome, at: new Date(now).toISOString() };
  ofProcess.set(processKeyOf(qemu), entry);
  if (outcome.outcome === "late") return;
  try {
    Deno.mkdirSync(cacheDir(), { recursive: true });
    replaceFile(memoryPath(), JSON.stringify({ ...readMemory(now), [keyOf(qemu)]: entry }));
    ofProcess.delete(processKeyOf(qemu)); // so that removing the file makes us try again
  } catch {
    // then the next process has to find out again
  }
}

/** The file that remembers first boots; removing it makes execvm try KVM again. */
export function memoryPath(): string {
  return `${cacheDir()}/accel.json`;
}

/** An outcome, and when it happened; ISO 8601. */
type Entry = Outcome & { readonly at: string };

/** The entries of the file that have not expired. */
function readMemory(now: number): Record<string, Entry> {
  try {
    const memory: unknown = JSON.parse(Deno.readTextFileSync(memoryPath()));
    const entries = Object.entries(Object(memory)).filter(([, value]) => isEntry(value, now));
    return Object.fromEntries(entries) as Record<string, Entry>;
  } catch {
    return {};
  }
}

/** Checks an entry, as other versions of execvm, or users, may have written anything. */
function isEntry(value: unknown, now: number): value is Entry {
  const { outcome, at, kvmMs, tcgMs } = Object(value);
  if (!isRecent(at, now)) return false;
  return outcome === "ready" || outcome === "crawled" && isTime(kvmMs) && isTime(tcgMs);
}

/** Whether a time is less than a day ago; false if it is not a valid time. */
function isRecent(at: string | undefined, now: number): boolean {
  const age = now - Date.parse(at ?? "");
  return age >= 0 && age < REMEMBERED_MS;
}

function isTime(ms: unknown): boolean {
  return Number.isFinite(ms) && ms as number >= 0;
}

/**
 * Includes the host, as hosts may share the cache, and kernel and QEMU, as others may do better.
 */
function keyOf(qemu: string): string {
  const path = programPath(qemu) ?? qemu;
  return [Deno.hostname(), Deno.osRelease(), path, ...statOf(path)].join(" ");
}

/** Includes the cache folder, as another one remembers other results. */
function processKeyOf(qemu: string): string {
  return `${memoryPath()} ${keyOf(qemu)}`;
}

/** The size and time of a program, which change when it is upgraded. */
function statOf(path: string): readonly unknown[] {
  try {
    const { size, mtime } = Deno.statSync(path);
    return [size, mtime?.getTime()];
  } catch {
    return []; // starting it reports the error
  }
}
