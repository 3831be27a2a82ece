// Sets up the machine of a reader of README: everything that its examples name exists and is real.

import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { cmd, each, tar } from "../../mod.ts";
import { makePythonRoot, makeShellRoot, PYTHON } from "../code/fixture.ts";
import { EXECVM } from "./cli.ts";
import { DOCKER, IMAGE, startEngine } from "./docker.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { KERNEL } from "./kernel.ts";
import { SLURM, startCluster } from "./slurm.ts";
import { makeHost, SSH, type TestHost } from "./sshd.ts";

/** The programs that it requires besides Deno. */
export const READERS_TOOLS: readonly string[] = [
  DOCKER,
  ...SSH,
  ...SLURM,
  KERNEL,
  PYTHON,
  "qemu-system-x86_64",
  "git",
  "make",
  "mke2fs",
  "mmdebstrap",
  "sqfstar",
];

/** The name of the host on which README runs commands. */
const HOST = "build.example.org";

/** The image that README prepares another one from. */
const PYTHON_IMAGE = "python:3.12-slim";

/** Where to run README's examples. */
export interface ReadersMachine {
  /** The current folder. */
  readonly folder: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The partition of the cluster of the examples. */
const PARTITION = "PartitionName=short Nodes=n1,n2";

/**
 * Sets it up in `folder`, which must be empty: the programs, disks and scripts that the examples
 * name, images in a Docker engine, a host behind ssh, a cluster, and a cache with only kernels and
 * initrds.
 */
export async function makeReadersMachine(folder: string): Promise<ReadersMachine> {
  await startEngine();
  await makeImages(folder);
  const cluster = await startCluster(PARTITION); // ends with this process
  const there = { PATH: Deno.env.get("PATH")!, EXECVM_CACHE: `${folder}/cache` };
  makePrograms(`${folder}/bin`, await makeHost(() => there));
  await makeFiles(`${folder}/work`);
  const cache = linkCache(`${folder}/cache`);
  const env = {
    ...Deno.env.toObject(),
    EXECVM_CACHE: cache,
    NO_COLOR: "1",
    TMPDIR: makeFolder(`${folder}/tmp`), // the examples leave files here, such as outputs of code
    SLURM_CONF: `${cluster.folder}/slurm.conf`,
  };
  const path = `${folder}/bin:${Deno.env.get("PATH")}`;
  return { folder: `${folder}/work`, env: { ...env, PATH: path } };
}

function makeFolder(path: string): string {
  Deno.mkdirSync(path);
  return path;
}

async function makeImages(folder: string): Promise<void> {
  await cmd("docker", "tag", IMAGE, "alpine").run();
  const root = await makePythonRoot(`${folder}/python`);
  await tar(".", { directory: root }).pipe(cmd("docker", "import", "-", PYTHON_IMAGE)).text();
  Deno.removeSync(root, { recursive: true });
}

/** Makes `execvm`, and an `ssh` that finds the host of the examples. */
function makePrograms(folder: string, host: TestHost): void {
  Deno.mkdirSync(folder);
  const { host: name, user, identity, options } = host.options;
  const lines = Object.entries({
    HostKeyAlias: name,
    User: user,
    IdentityFile: identity,
    ...options,
  });
  const config = lines.map(([word, value]) => `  ${word} ${value}\n`).join("");
  Deno.writeTextFileSync(`${folder}/config`, `Host ${HOST}\n${config}`);
  makeProgram(`${folder}/ssh`, "/usr/bin/ssh", "-F", `${folder}/config`);
  makeProgram(`${folder}/execvm`, ...EXECVM);
}

function makeProgram(path: string, ...argv: string[]): void {
  const words = argv.map((word) => `'${word}'`).join(" ");
  Deno.writeTextFileSync(path, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
}

async function makeFiles(folder: string): Promise<void> {
  Deno.mkdirSync(folder);
  for (const name of ["mod.ts", "README.md"]) {
    const from = fileURLToPath(new URL(`../../${name}`, import.meta.url));
    Deno.copyFileSync(from, `${folder}/${name}`);
  }
  for (const name of ["src", "guest-build", "kernel", "deno.json", "deno.lock"]) {
    // The parts of a checkout from which execvm runs.
    Deno.symlinkSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), `${folder}/${name}`);
  }
  Deno.writeTextFileSync(`${folder}/script.py`, "open('made', 'w').write('x'); print(1)\n");
  const counts = each(["mod.ts", "README.md"], (name) => cmd("wc", "-l", name));
  Deno.writeTextFileSync(`${folder}/fan-out.json`, JSON.stringify(counts));
  const root = await makeShellRoot(`${folder}/root`);
  await cmd("mke2fs", "-q", "-t", "ext4", "-d", root, `${folder}/rootfs.img`, "32M").run();
  Deno.removeSync(root, { recursive: true });
  Deno.writeFileSync(`${folder}/data.img`, new Uint8Array(1 << 20));
  await makeTree(`${folder}/linux`);
}

/** A Makefile for what {@linkcode makeTree} has made already. */
const MAKEFILE = ".PHONY: bzImage modules modules_install\nbzImage modules modules_install: ;\n";

/**
 * Makes what the page on kernels calls a tree: a repository with our kernel as built, its modules as
 * installed, and a test that fails from the third of four commits on.
 */
async function makeTree(folder: string): Promise<void> {
  const { version, modules } = (await findKernel())!;
  Deno.mkdirSync(`${folder}/arch/x86/boot`, { recursive: true });
  Deno.copyFileSync(KERNEL, `${folder}/arch/x86/boot/bzImage`);
  const installed = `${folder}/mods/lib/modules/${version}`;
  Deno.mkdirSync(installed, { recursive: true });
  for (const path of modules) Deno.copyFileSync(path, `${installed}/${basename(path)}`);
  Deno.writeTextFileSync(`${installed}/modules.dep`, "");
  Deno.writeTextFileSync(`${folder}/Makefile`, MAKEFILE);
  Deno.writeTextFileSync(`${folder}/.gitignore`, "arch\nmods\n");
  const identity = ["-c", "user.name=tests", "-c", "user.email=tests@example.org"];
  const git = (...args: string[]) => cmd("git", "-C", folder, ...identity, ...args).text();
  await git("init", "--quiet");
  for (const [number, status] of [0, 0, 1, 1].entries()) {
    const test = `#!/bin/sh\n# ${number}\nexit ${status}\n`;
    Deno.writeTextFileSync(`${folder}/selftest.sh`, test, { mode: 0o755 });
    await git("add", ".");
    await git("commit", "--quiet", "--message", `change ${number}`);
  }
  await git("tag", "tip");
  await git("checkout", "--quiet", "HEAD~2"); // where the test passes
}

/** Makes a cache with our kernels and initrds. */
function linkCache(cache: string): string {
  Deno.mkdirSync(cache);
  const ours = KERNEL.slice(0, KERNEL.indexOf("/kernels/"));
  for (const name of ["kernels", "initrds"]) {
    Deno.mkdirSync(`${ours}/${name}`, { recursive: true });
    Deno.symlinkSync(`${ours}/${name}`, `${cache}/${name}`);
  }
  return cache;
}
