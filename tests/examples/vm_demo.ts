// The seed's task in a real virtual machine: a source tree goes in as a tar, is unpacked and built by
// nested chains, and the package comes out; byte for byte the one that this machine builds.

import { fileURLToPath } from "node:url";
import { chain, local, type Runner, tar, vm } from "../../mod.ts";
import { fetchKernel } from "../../src/kernels/fetch.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { print } from "./print.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Builds the package in an empty folder of the computer. */
async function buildPackage(runner: Runner, folder: string): Promise<Uint8Array> {
  const build = chain(
    ["tar", "-xf", "-"],
    chain(["sh", "tests/examples/package/build"], ["cat", "pkg"]),
  );
  return await tar("src", "tests/examples/package", { directory: ROOT })
    .pipe(build.cwd(folder)).bytes({ runner });
}

/** Runs the task here and in virtual machines, and compares. */
export async function vmDemo(): Promise<void> {
  await setUp();
  const folder = await Deno.makeTempDir({ prefix: "execvm-demo-" });
  try {
    const here = await timed("on this machine", () => buildPackage(local(), folder));
    for (const name of ["in a virtual machine", "in another one"]) {
      const there = await timed(name, () => buildPackage(vm({ memoryMib: 1024 }), "/tmp"));
      if (there !== here) throw new Error("The packages differ");
    }
    print("All three packages are the same.");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function timed(name: string, build: () => Promise<Uint8Array>): Promise<string> {
  const started = performance.now();
  const built = await build();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(built));
  const sha256 = new Uint8Array(digest).toHex();
  print(`${name}: ${built.length} bytes, sha256 ${sha256.slice(0, 16)}.., ${seconds} s`);
  return sha256;
}

/** Installs what is missing, where that can be; says how to, where it cannot. */
async function setUp(): Promise<void> {
  if (!await runs("qemu-system-x86_64", "--version")) {
    const packages = ["qemu-system-x86", "busybox-static"];
    const install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", ...packages];
    if (Deno.uid() !== 0) throw new Error(`QEMU is missing. To install it: ${install.join(" ")}`);
    print(`Installing ${packages.join(" and ")}, which stay installed ..`);
    await runs("apt-get", "update", "-qq");
    if (!await runs(install[0]!, ...install.slice(1))) {
      throw new Error(`cannot install QEMU: this failed: ${install.join(" ")}`);
    }
  }
  if (await findKernel() === undefined) {
    print("Fetching a kernel ..");
    if (Deno.uid() === 0) await runs("apt-get", "update", "-qq");
    await fetchKernel();
  }
}

async function runs(program: string, ...args: string[]): Promise<boolean> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  try {
    return (await new Deno.Command(program, { args, env }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
