// The root of a guest, laid out in a folder.

import type { Kernel } from "../src/vm/kernel.ts";
import { denoFiles } from "./deno_files.ts";
import { bundleGuest, INIT_SCRIPT } from "./guest_program.ts";

/** Folders that programs expect. */
const FOLDERS = ["bin", "dev", "etc", "execvm/modules", "proc", "root", "run", "sys", "tmp"];

const FILES: Readonly<Record<string, string>> = {
  "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
  "etc/group": "root:x:0:\ntty:x:5:\nnobody:x:65534:\n",
  "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
};

/** What goes into the root of a guest. */
export interface StageOptions {
  readonly kernel: Kernel;
  /** A static busybox. */
  readonly busybox: string;
  /** Whether busybox's own commands are the root, or another root comes before this. */
  readonly applets: boolean;
}

/** Lays out the root of a guest in `folder`, which is empty. */
export async function stage(folder: string, options: StageOptions): Promise<void> {
  for (const name of FOLDERS) await Deno.mkdir(`${folder}/${name}`, { recursive: true });
  for (const { source, target } of await denoFiles()) await copy(source, `${folder}/${target}`);
  await copy(options.busybox, `${folder}/execvm/busybox`);
  await write(`${folder}/execvm/guest.js`, await bundleGuest(), 0o644);
  await write(`${folder}/init`, INIT_SCRIPT, 0o755);
  await stageModules(folder, options.kernel);
  if (!options.applets) return;
  for (const [name, content] of Object.entries(FILES)) {
    await write(`${folder}/${name}`, content, 0o644);
  }
  for (const applet of await applets(options.busybox)) {
    await Deno.symlink("/execvm/busybox", `${folder}/bin/${applet}`);
  }
}

async function stageModules(folder: string, { modules }: Kernel): Promise<void> {
  const names = modules.map((path) => path.slice(path.lastIndexOf("/") + 1));
  for (const [index, path] of modules.entries()) {
    await copy(path, `${folder}/execvm/modules/${names[index]}`);
  }
  if (names.length > 0) {
    await write(`${folder}/execvm/modules/order`, names.join("\n") + "\n", 0o644);
  }
}

async function applets(busybox: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(busybox, { args: ["--list"] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((name) => name !== "");
}

async function copy(source: string, target: string): Promise<void> {
  await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
  await Deno.copyFile(source, target);
  await Deno.chmod(target, 0o755);
}

async function write(path: string, content: string, mode: number): Promise<void> {
  await Deno.writeTextFile(path, content);
  await Deno.chmod(path, mode);
}
