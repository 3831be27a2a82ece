// Checks for `execvm doctor` of what virtual machines need. All else works without them, so a
// result is never worse than `warn`.

import { cacheDir, findCacheDir } from "../host/cache_dir.ts";
import type { CheckResult } from "../host/check_result.ts";
import { faultOf } from "../host/fault.ts";
import { toolPath } from "../host/program_path.ts";
import { findKernel, inspectKernels } from "../kernels/find.ts";
import { ARCHITECTURES, HOST_ARCH } from "../machine/architectures.ts";
import { messageOf } from "../model/errors.ts";
import { type AccelFacts, decideAccel } from "../qemu/accel.ts";
import { memoryPath, readAccelFacts } from "../qemu/accel_host.ts";
import { makeCgroup } from "../qemu/cgroup.ts";
import { kvmCheckResult } from "../qemu/kvm_facts.ts";
import { qemuVersion, versionFault } from "../qemu/version.ts";

/** A guest has 512 MiB by default, and QEMU and the page cache need some too. */
const NEEDED_MIB = 1024;

/** Runs all checks. Starts QEMU to ask for its version; leaves nothing behind. */
export async function checkVm(): Promise<CheckResult[]> {
  return [
    await checkQemu(),
    checkKvm(readAccelFacts(ARCHITECTURES[HOST_ARCH].qemu)),
    checkMemory(await Deno.readTextFile("/proc/meminfo").catch(() => "")),
    checkCache(),
    ...await checkCached(),
    await checkImageTools(),
    await checkCgroup(),
  ];
}

/** Checks the contents of the cache; nothing without a cache folder, which `checkCache` reports. */
async function checkCached(): Promise<CheckResult[]> {
  if (findCacheDir() === undefined) return [];
  return [await checkKernel(), await checkForeign(), checkInitrd()];
}

/**
 * Checks that QEMU runs and is new enough.
 *
 * @param program default: the one for the host's architecture
 */
export async function checkQemu(program = ARCHITECTURES[HOST_ARCH].qemu): Promise<CheckResult> {
  const what = "QEMU";
  const { qemuPackage } = ARCHITECTURES[HOST_ARCH];
  const advice = `As root, run: apt-get install --no-install-recommends ${qemuPackage}`;
  const version = await qemuVersion(program);
  if (version === undefined) {
    return { state: "warn", what, fact: `${program} is not there, or does not run`, advice };
  }
  const fault = versionFault(version);
  if (fault === undefined) return { state: "ok", what, fact: `${program} ${version}` };
  return { state: "warn", what, fact: `${program}: ${fault}`, advice: "Install a newer QEMU" };
}

/**
 * Reports whether guests of the other architecture can be emulated; always `ok`, as that is
 * optional.
 */
export async function checkForeign(): Promise<CheckResult> {
  const arch = HOST_ARCH === "x86_64" ? "aarch64" : "x86_64";
  const { qemu, qemuPackage } = ARCHITECTURES[arch];
  const what = `guests of ${arch}`;
  const version = await qemuVersion(qemu);
  if (version === undefined) {
    return { state: "ok", what, fact: `none: they require ${qemu} (package ${qemuPackage})` };
  }
  const kernel = await findKernel(arch);
  const has = kernel?.version ?? `no kernel yet: execvm kernel fetch --arch ${arch}`;
  return { state: "ok", what, fact: `emulated by ${qemu} ${version}; ${has}` };
}

/** Checks whether KVM would be used: by the host's facts, by QEMU's user, and by earlier boots. */
export function checkKvm(facts: AccelFacts): CheckResult {
  const result = kvmCheckResult(facts.kvm);
  const { why, isRemembered } = decideAccel("auto", facts);
  if (result.state !== "ok" || why === undefined) return result;
  const advice = isRemembered
    ? `To try it again at once, run: rm ${memoryPath()}`
    : "As root, run: chgrp kvm /dev/kvm; chmod 0660 /dev/kvm";
  return { state: "warn", what: result.what, fact: why, advice };
}

/**
 * Checks whether a guest fits into the available memory.
 *
 * @param meminfo the text of /proc/meminfo (proc(5))
 */
export function checkMemory(meminfo: string): CheckResult {
  const what = "memory";
  const kibibytes = /^MemAvailable: +(\d+) kB$/m.exec(meminfo)?.[1];
  if (kibibytes === undefined) {
    return { state: "ok", what, fact: "how much is available is not known" };
  }
  const mebibytes = Math.floor(Number(kibibytes) / 1024);
  const fact = `${mebibytes} MiB are available`;
  if (mebibytes >= NEEDED_MIB) return { state: "ok", what, fact };
  const advice = `Free some, up to ${NEEDED_MIB} MiB, or give guests less with --memory`;
  return { state: "warn", what, fact, advice };
}

/** Checks whether the cache folder, or its closest existing parent, is writable. */
export function checkCache(): CheckResult {
  const what = "cache";
  const advice = "Set EXECVM_CACHE to a folder that you may write to";
  const path = findCacheDir();
  if (path === undefined) {
    const fact =
      "there is no place for it, as none of EXECVM_CACHE, XDG_CACHE_HOME and HOME is set";
    return { state: "warn", what, fact, advice };
  }
  try {
    Deno.removeSync(Deno.makeTempFileSync({ dir: nearestFolder(path), prefix: ".execvm-" }));
    return { state: "ok", what, fact: `${path} can be written to` };
  } catch (error) {
    const fact = `${path} cannot be written to, so what is not in it yet cannot be kept`;
    return { state: "warn", what, fact: `${fact}: ${faultOf(error)}`, advice };
  }
}

/** Checks whether there is a kernel to boot, and whether any in the cache is damaged. */
export async function checkKernel(): Promise<CheckResult> {
  const what = "kernel";
  const { kernels, damaged } = await inspectKernels();
  const found = kernels.find(({ arch }) => arch === HOST_ARCH);
  if (found === undefined) {
    return { state: "warn", what, fact: "none is in the cache", advice: "Run execvm kernel fetch" };
  }
  const fact = `${found.version}, ${found.origin}`;
  if (damaged.length === 0) return { state: "ok", what, fact };
  const advice = `Run rm -r ${damaged.map(({ path }) => path).join(" ")}`;
  return { state: "warn", what, fact: `${fact}; but ${damaged.length} are damaged`, advice };
}

/** Reports the number of cached initrds; always `ok`, as a run makes a missing one. */
export function checkInitrd(): CheckResult {
  const count = countFiles(`${cacheDir()}/initrds`, ".cpio");
  const fact = count === 0 ? "none yet: it is built when it is needed" : `${count} in the cache`;
  return { state: "ok", what: "initrd", fact };
}

/** Programs that make images and the disks of runs: name, an option to try, Debian's package. */
const IMAGE_TOOLS = [["sqfstar", "-version", "squashfs-tools"], [
  "mke2fs",
  "-V",
  "e2fsprogs",
]] as const;

/** Checks whether images can be prepared and code can run on them. */
export async function checkImageTools(
  tools: typeof IMAGE_TOOLS = IMAGE_TOOLS,
): Promise<CheckResult> {
  const what = "images";
  const there = await Promise.all(tools.map(([program, version]) => runs(program, version)));
  const missing = tools.filter((_, index) => !there[index]);
  if (missing.length === 0) {
    return { state: "ok", what, fact: "they can be prepared, and code can run on them" };
  }
  const names = missing.map(([program]) => program).join(" and ");
  const packages = missing.map(([, , name]) => name).join(" ");
  return {
    state: "warn",
    what,
    fact: `they require programs that are not installed: ${names}`,
    advice: `As root, run: apt-get install --no-install-recommends ${packages}`,
  };
}

/** Checks whether QEMU's memory and CPU time can be limited, by trying it on a process. */
export async function checkCgroup(make: typeof makeCgroup = makeCgroup): Promise<CheckResult> {
  const what = "cgroup";
  const bounds = { memoryMib: 64, cpus: 1 };
  const streams = { stdin: "piped", stdout: "null", stderr: "null" } as const;
  try {
    using cgroup = make(bounds);
    const child = new Deno.Command("cat", streams).spawn();
    try {
      await cgroup.add(child.pid);
    } finally {
      await child.stdin.close();
      await child.status;
    }
    return { state: "ok", what, fact: `it limits ${cgroup.controllers.join(" and ")} of QEMU` };
  } catch (error) {
    return {
      state: "warn",
      what,
      fact: `none can be made, so only QEMU itself limits its guests: ${messageOf(error)}`,
      advice: "Run as root, or by systemd-run --user --scope",
    };
  }
}

async function runs(program: string, argument: string): Promise<boolean> {
  const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
  try {
    await new Deno.Command(toolPath(program), { args: [argument], ...streams }).output();
    return true;
  } catch {
    return false; // not installed
  }
}

function nearestFolder(path: string): string {
  for (let folder = path; folder !== ""; folder = folder.slice(0, folder.lastIndexOf("/"))) {
    try {
      if (Deno.statSync(folder).isDirectory) return folder;
      throw new Error(`${folder} is not a folder`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return "/";
}

function countFiles(folder: string, suffix: string): number {
  try {
    return [...Deno.readDirSync(folder)].filter(({ name }) =>
      !name.startsWith(".") && name.endsWith(suffix)
    ).length;
  } catch {
    return 0;
  }
}
