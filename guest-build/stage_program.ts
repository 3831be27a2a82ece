// A program with its libraries, laid out so that they meet no others: a root that comes with the initrd
// has a C library of its own, or its /lib is a link, and neither may be touched.

import { messageOf } from "../src/model/errors.ts";
import { readElf, setInterpreter } from "./elf.ts";
import { readNeeded } from "./elf_needed.ts";

/** Where the libraries are, in the guest. */
export const LIBRARY_FOLDER = "/execvm/lib";
/** The loader's name there: short, as it takes the place of the usual one in the program. */
const LOADER = `${LIBRARY_FOLDER}/ld.so`;

/**
 * Copies a program to `target` below `root`, and what it needs to the folder of the libraries there. To run, it wants
 * LD_LIBRARY_PATH to be that.
 *
 * @param libraries a folder with those of a program that cannot run here; else this machine's are taken
 * @throws {Error} if it cannot be read, or a library is not to be found.
 */
export async function stageProgram(
  source: string,
  root: string,
  target: string,
  libraries?: string,
): Promise<void> {
  await copyExecutable(source, `${root}${target}`);
  const kind = await readElf(source);
  if (kind === "none") {
    throw new Error(`Cannot use ${source} in a guest as it is no 64-bit program`);
  }
  if (kind === "static") return;
  await setInterpreter(`${root}${target}`, kind, LOADER);
  const needed = libraries === undefined
    ? await librariesOf(source)
    : await librariesIn(libraries, [source, `${libraries}/${baseName(kind.path)}`]);
  for (const library of await withOpenedLater(needed)) {
    const isLoader = baseName(library) === baseName(kind.path);
    const name = isLoader ? LOADER : `${LIBRARY_FOLDER}/${baseName(library)}`;
    await copyExecutable(library, `${root}${name}`);
  }
}

/**
 * What glibc opens by name when it needs it, so that no file says so: pthread_exit(3) and pthread_cancel(3) end
 * the process without it (sysdeps/nptl/unwind-link.c). It is beside the C library.
 */
const OPENED_LATER = "libgcc_s.so.1";

/** Adds to the libraries of a program those that the C library opens later. */
async function withOpenedLater(libraries: readonly string[]): Promise<readonly string[]> {
  const libc = libraries.find((library) => baseName(library) === "libc.so.6");
  if (libc === undefined || libraries.some((it) => baseName(it) === OPENED_LATER)) return libraries;
  const later = `${libc.slice(0, libc.lastIndexOf("/"))}/${OPENED_LATER}`;
  return await Deno.stat(later).then(() => [...libraries, later], () => libraries);
}

/** Copies a file, as one that everybody may run. */
export async function copyExecutable(source: string, target: string): Promise<void> {
  await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
  await Deno.copyFile(source, target);
  await Deno.chmod(target, 0o755);
}

/** Paths in `folder` of the second of these files and of all that both need, which may need more. */
async function librariesIn(
  folder: string,
  [program, loader]: readonly [string, string],
): Promise<string[]> {
  const found = new Set([loader]);
  const visit = async (file: string): Promise<void> => {
    const names = await readNeeded(file);
    for (const library of names.map((name) => `${folder}/${name}`)) {
      if (found.has(library)) continue;
      found.add(library);
      await visit(library);
    }
  };
  await visit(program).catch((error) => {
    const fact = messageOf(error);
    throw new Error(`Cannot find the libraries of ${program} as ${fact}`, { cause: error });
  });
  return [...found];
}

/** What ldd(1) says. */
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
