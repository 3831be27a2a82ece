// A program with its libraries, laid out so that they meet no others: a root that comes with the initrd
// has a C library of its own, or its /lib is a link, and neither may be touched.

import { readElf, setInterpreter } from "./elf.ts";

/** Where the libraries are, in the guest. */
export const LIBRARY_FOLDER = "/execvm/lib";
/** The loader's name there: short, as it takes the place of the usual one in the program. */
const LOADER = `${LIBRARY_FOLDER}/ld.so`;

/**
 * Copies a program to `target` below `root`, and what ldd(1) says that it needs to the folder of the
 * libraries. To run, it wants LD_LIBRARY_PATH to be that.
 *
 * @throws {Error} if it cannot be read, or ldd cannot tell.
 */
export async function stageProgram(source: string, root: string, target: string): Promise<void> {
  await copyExecutable(source, `${root}${target}`);
  const kind = await readElf(source);
  if (kind === "none") {
    throw new Error(`Cannot use ${source} in a guest as it is no 64-bit program`);
  }
  if (kind === "static") return;
  await setInterpreter(`${root}${target}`, kind, LOADER);
  for (const library of await librariesOf(source)) {
    const name = library === kind.path ? LOADER : `${LIBRARY_FOLDER}/${baseName(library)}`;
    await copyExecutable(library, `${root}${name}`);
  }
}

/** Copies a file, as one that everybody may run. */
export async function copyExecutable(source: string, target: string): Promise<void> {
  await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
  await Deno.copyFile(source, target);
  await Deno.chmod(target, 0o755);
}

async function librariesOf(program: string): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command("ldd", {
    args: [program],
    env: { LC_ALL: "C" },
  }).output();
  if (!success) {
    const fact = new TextDecoder().decode(stderr).trim();
    throw new Error(`Cannot find the libraries of ${program} as ldd failed: ${fact}`);
  }
  // `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x..)`, or the loader by its path alone.
  return [...new TextDecoder().decode(stdout).matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, it]) =>
    it!
  );
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
