// What the tests of code share: a small root with sh and Python, of this machine's own, and images
// of it.

import "../support/test_cache.ts";
import { findBusybox } from "../../guest-build/busybox.ts";
import { stageProgram } from "../../guest-build/stage_program.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { needs } from "../support/tools.ts";

/** Debian's Python, whose standard library is in one folder. */
export const PYTHON = "/usr/bin/python3";

const hasKernel = await findKernel() !== undefined || Deno.env.get("CI") !== undefined;

/** A test that needs machines, the tools that make images, and `further` tools. */
export function codeTest(
  name: string,
  fn: (test: Deno.TestContext) => Promise<void>,
  ...further: string[]
): void {
  const tools = ["qemu-system-x86_64", "mke2fs", "sqfstar", PYTHON, "busybox"];
  const test = needs(name, ...tools, ...further);
  const withoutKernel = { name: `${name} (skipped: no kernel: execvm kernel fetch)`, ignore: true };
  Deno.test({ ...hasKernel ? test : withoutKernel, fn });
}

/** Makes a root of busybox in `folder`, which must not exist, and returns its path. */
export async function makeShellRoot(folder: string): Promise<string> {
  for (const name of ["bin", "etc", "tmp", "root"]) {
    Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
  }
  Deno.chmodSync(`${folder}/tmp`, 0o1777);
  const busybox = (await findBusybox())!;
  Deno.copyFileSync(busybox, `${folder}/bin/busybox`);
  Deno.chmodSync(`${folder}/bin/busybox`, 0o755);
  const { stdout } = await new Deno.Command(busybox, { args: ["--list"] }).output();
  for (const applet of new TextDecoder().decode(stdout).trim().split("\n")) {
    if (applet !== "busybox") Deno.symlinkSync("busybox", `${folder}/bin/${applet}`);
  }
  Deno.writeTextFileSync(`${folder}/etc/passwd`, "root:x:0:0:root:/root:/bin/sh\n");
  return folder;
}

/** The same with this machine's Python, without the parts for development. */
export async function makePythonRoot(folder: string): Promise<string> {
  await makeShellRoot(folder);
  await stageProgram(await Deno.realPath(PYTHON), folder, "/usr/bin/python3");
  // Programs find their libraries where stageProgram has put them only by LD_LIBRARY_PATH.
  Deno.renameSync(`${folder}/usr/bin/python3`, `${folder}/usr/bin/python`);
  const start = '#!/bin/sh\nLD_LIBRARY_PATH=/execvm/lib exec -a python3 /usr/bin/python "$@"\n';
  Deno.writeTextFileSync(`${folder}/usr/bin/python3`, start, { mode: 0o755 });
  const library = await pythonSays("import sysconfig; print(sysconfig.get_path('stdlib'))");
  copyFolder(library, `${folder}${library}`);
  return folder;
}

async function pythonSays(code: string): Promise<string> {
  const { stdout } = await new Deno.Command(PYTHON, { args: ["-I", "-c", code] }).output();
  return new TextDecoder().decode(stdout).trim();
}

const LEFT_OUT =
  /^(test|tests|idlelib|tkinter|turtledemo|lib2to3|site-packages|dist-packages|config-.*)$/;

function copyFolder(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name, isDirectory, isFile } of Deno.readDirSync(from)) {
    if (LEFT_OUT.test(name)) continue;
    if (isDirectory) copyFolder(`${from}/${name}`, `${to}/${name}`);
    else if (isFile) Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}
