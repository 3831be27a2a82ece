// Lays out execvm's own files of a guest in a folder: /init, /execvm, and busybox's commands if
// there is no other root. Nothing else, so that a root keeps all of its files.

import type { Kernel } from "../src/kernels/find.ts";
import { VERSION } from "../src/self/version.ts";
import type { GuestProgram } from "./guest_program.ts";
import { copyExecutable, LIBRARY_FOLDER, stageProgram } from "./stage_program.ts";
import { V8_FLAGS } from "./v8_flags.ts";

const FILES: Readonly<Record<string, string>> = {
  "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
  "/etc/group": "root:x:0:\ntty:x:5:\nnobody:x:65534:\n",
  "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
};

/** The parts of a guest. */
export interface StageOptions {
  readonly kernel: Kernel;
  readonly guest: GuestProgram;
  /** Path of a static busybox. */
  readonly busybox: string;
  /** A description of the root, for /execvm/about. */
  readonly root: string;
  /** Names of busybox's commands to link; empty if there is another root. */
  readonly applets: readonly string[];
  /** A folder with the libraries of the guest's program, if that cannot run on this host. */
  readonly libraries?: string;
}

/** Lays out a guest in `folder`, which must be empty. */
export async function stage(folder: string, options: StageOptions): Promise<void> {
  const { guest, busybox, kernel, applets, libraries } = options;
  const program = guest.kind === "compiled" ? "/execvm/guest" : "/execvm/deno";
  await stageProgram(guest.program, folder, program, libraries);
  // A compiled program reads this link before it can mount /proc, which then hides it.
  await Deno.mkdir(`${folder}/proc/self`, { recursive: true });
  await Deno.symlink(program, `${folder}/proc/self/exe`);
  if (guest.script !== undefined) await write(`${folder}/execvm/guest.js`, guest.script, 0o644);
  await copyExecutable(busybox, `${folder}/execvm/busybox`);
  await write(`${folder}/init`, initScript(guest), 0o755);
  await write(`${folder}/execvm/about`, about(options), 0o644);
  await stageModules(folder, kernel);
  if (applets.length > 0) await stageRoot(folder, applets);
  await openFolders(folder);
}

/**
 * The script that the kernel starts: the guest needs arguments and variables that a kernel command
 * line cannot pass.
 */
function initScript({ kind }: GuestProgram): string {
  const run = kind === "compiled"
    ? "/execvm/guest"
    : "/execvm/deno run -A --quiet --no-config --no-lock /execvm/guest.js";
  return [
    "#!/execvm/busybox sh",
    `export LD_LIBRARY_PATH=${LIBRARY_FOLDER}`,
    "export HOME=/root DENO_DIR=/tmp/.deno DENO_NO_UPDATE_CHECK=1 NO_COLOR=1",
    `export DENO_V8_FLAGS=${V8_FLAGS.join(",")}`, // a compiled guest has its own
    "export EXECVM_GUEST=1", // a compiled guest may be all of execvm, which checks this
    `exec ${run} "$@"`,
    "",
  ].join("\n");
}

function about({ guest, kernel, root }: StageOptions): string {
  const { version, modules } = kernel;
  const how = guest.kind === "compiled" ? "compiled by" : "bundled, with";
  return [
    `execvm: ${VERSION}`,
    `guest: ${how} Deno ${Deno.version.deno}`,
    modules.length === 0
      ? "kernel: one that needs no modules"
      : `kernel: ${version}, ${modules.length} modules`,
    `root: ${root}`,
    "",
  ].join("\n");
}

async function stageModules(folder: string, { modules }: Kernel): Promise<void> {
  const names = modules.map((path) => path.slice(path.lastIndexOf("/") + 1));
  for (const [index, path] of modules.entries()) {
    await copyExecutable(path, `${folder}/execvm/modules/${names[index]}`);
  }
  if (names.length > 0) {
    await write(`${folder}/execvm/modules/order`, names.join("\n") + "\n", 0o644);
  }
}

async function stageRoot(folder: string, applets: readonly string[]): Promise<void> {
  for (const [path, content] of Object.entries(FILES)) await write(folder + path, content, 0o644);
  await Deno.mkdir(`${folder}/bin`);
  for (const applet of applets) {
    await Deno.symlink("/execvm/busybox", `${folder}/bin/${applet}`);
  }
}

async function write(path: string, content: string, mode: number): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, content);
  await Deno.chmod(path, mode);
}

/** Sets permissions that do not depend on our umask. */
async function openFolders(folder: string): Promise<void> {
  await Deno.chmod(folder, 0o755);
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) await openFolders(`${folder}/${name}`);
  }
}
