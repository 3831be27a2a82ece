// What this machine shows of KVM, and what is remembered of it.

import { cacheDir, findCacheDir } from "../host/cache_dir.ts";
import { programPath } from "../host/program_path.ts";
import { replaceFile } from "../host/write_aside.ts";
import type { AccelFacts, FirstBoot } from "./accel.ts";
import { readKvmFacts } from "./kvm_facts.ts";
import { mayOpenKvm, qemuUser } from "./privileges.ts";

/** How long it is remembered: what was slow may have been the day. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/** How a first boot with KVM went; the times of one that crawled are in milliseconds. */
export type Outcome =
  | { readonly outcome: "ready" | "late" }
  | { readonly outcome: "crawled"; readonly kvmMs: number; readonly tcgMs: number };

/** Looks. @param qemu the program that machines are started with */
export function readAccelFacts(qemu: string): AccelFacts {
  const kvm = readKvmFacts();
  return { kvm, isOpenToQemu: mayOpenKvm(qemuUser("kvm")), firstBoot: firstBootOf(qemu) };
}

/** Without a cache nothing is remembered; who boots a machine says so. */
function firstBootOf(qemu: string): FirstBoot | undefined {
  return findCacheDir() === undefined ? undefined : readFirstBoot(qemu);
}

/** What is remembered of a QEMU on this host and kernel. @param now milliseconds since 1970 */
export function readFirstBoot(qemu: string, now: number = Date.now()): FirstBoot | undefined {
  const kept = ofProcess.get(processKeyOf(qemu));
  const entry = readMemory(now)[keyOf(qemu)] ?? (isRecent(kept?.at, now) ? kept : undefined);
  if (entry?.outcome !== "crawled") return entry && { outcome: entry.outcome };
  const { outcome, kvmMs, tcgMs } = entry;
  const until = new Date(Date.parse(entry.at) + REMEMBERED_MS).toISOString();
  return { outcome, kvmMs, tcgMs, until: until.replace(/:\d\d\.\d+Z$/, "Z") };
}

/** What only this process remembers: that KVM was late, and what the cache has not taken. */
const ofProcess = new Map<string, Entry>();

/**
 * Remembers for a day how the first boot with KVM went with a QEMU on this host and kernel; that it was late
 * only in this process, as the next boot with KVM has more time, and tells more.
 */
export function rememberFirstBoot(qemu: string, outcome: Outcome, now: number = Date.now()): void {
  const entry = { ...outcome, at: new Date(now).toISOString() };
  ofProcess.set(processKeyOf(qemu), entry);
  if (outcome.outcome === "late") return;
  try {
    Deno.mkdirSync(cacheDir(), { recursive: true });
    replaceFile(memoryPath(), JSON.stringify({ ...readMemory(now), [keyOf(qemu)]: entry }));
    ofProcess.delete(processKeyOf(qemu)); // now removing the file is to make us try again
  } catch {
    // then another process finds it out again
  }
}

/** Where it is remembered; removing it makes execvm try again. */
export function memoryPath(): string {
  return `${cacheDir()}/accel.json`;
}

/** An outcome, and when it was; ISO 8601. */
type Entry = Outcome & { readonly at: string };

/** What is not forgotten yet. */
function readMemory(now: number): Record<string, Entry> {
  try {
    const memory: unknown = JSON.parse(Deno.readTextFileSync(memoryPath()));
    const entries = Object.entries(Object(memory)).filter(([, value]) => isEntry(value, now));
    return Object.fromEntries(entries) as Record<string, Entry>;
  } catch {
    return {};
  }
}

/** Other versions of execvm, and users, may have written anything. */
function isEntry(value: unknown, now: number): value is Entry {
  const { outcome, at, kvmMs, tcgMs } = Object(value);
  if (!isRecent(at, now)) return false;
  return outcome === "ready" || outcome === "crawled" && isTime(kvmMs) && isTime(tcgMs);
}

/** False for what is no time. */
function isRecent(at: string | undefined, now: number): boolean {
  const age = now - Date.parse(at ?? "");
  return age >= 0 && age < REMEMBERED_MS;
}

function isTime(ms: unknown): boolean {
  return Number.isFinite(ms) && ms as number >= 0;
}

/** The cache may be on a disk that hosts share, and another kernel, or another QEMU, may do better. */
function keyOf(qemu: string): string {
  const path = programPath(qemu) ?? qemu;
  return [Deno.hostname(), Deno.osRelease(), path, ...statOf(path)].join(" ");
}

/** Another cache has other memories. */
function processKeyOf(qemu: string): string {
  return `${memoryPath()} ${keyOf(qemu)}`;
}

/** What an upgrade changes of a program. */
function statOf(path: string): readonly unknown[] {
  try {
    const { size, mtime } = Deno.statSync(path);
    return [size, mtime?.getTime()];
  } catch {
    return []; // who starts it tells
  }
}
