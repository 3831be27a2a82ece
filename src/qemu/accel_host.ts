// What this machine shows of KVM, and what is remembered of it.

import { cacheDir } from "../host/cache_dir.ts";
import type { AccelFacts } from "./accel.ts";
import { readKvmFacts } from "./kvm_facts.ts";
import { mayOpenKvm, qemuUser } from "./privileges.ts";

/** Looks. */
export function readAccelFacts(): AccelFacts {
  const firstBoot = readMemory()[hostKey()];
  return { kvm: readKvmFacts(), isOpenToQemu: mayOpenKvm(qemuUser("kvm")), firstBoot };
}

/** Remembers for later runs on this host and kernel how the first boot with KVM went. */
export function rememberFirstBoot(outcome: "ready" | "crawled"): void {
  const path = memoryPath();
  try {
    Deno.mkdirSync(cacheDir(), { recursive: true });
    const written = `${path}.${crypto.randomUUID()}`;
    Deno.writeTextFileSync(written, JSON.stringify({ ...readMemory(), [hostKey()]: outcome }));
    Deno.renameSync(written, path);
  } catch {
    // then it is found out again
  }
}

/** Where it is remembered; removing it makes execvm try again. */
export function memoryPath(): string {
  return `${cacheDir()}/accel.json`;
}

function readMemory(): Record<string, AccelFacts["firstBoot"]> {
  try {
    const memory: unknown = JSON.parse(Deno.readTextFileSync(memoryPath()));
    const entries = Object.entries(Object(memory)).filter(([, value]) =>
      value === "ready" || value === "crawled"
    );
    return Object.fromEntries(entries) as Record<string, AccelFacts["firstBoot"]>;
  } catch {
    return {};
  }
}

/** The cache may be on a disk that hosts share, and another kernel may do better. */
function hostKey(): string {
  return `${Deno.hostname()} ${Deno.osRelease()}`;
}
