// Lays out a program with its libraries apart from those of the root: a root in the initrd has its
// own C library, or its /lib is a link, and neither may be changed.

import { messageOf } from "../src/model/errors.ts";
import { readElf, setInterpreter } from "./elf.ts";
import { readNeeded } from "./elf_needed.ts";

/** The folder of the libraries in the guest. */
export const LIBRARY_FOLDER = "/execvm/lib";
/**
 * The loader's path in the guest: short, as it must fit in place of the usual one in the program.
 */
const LOADER = `${LIBRARY_FOLDER}/ld.so`;

/**
 * Copies a program to `target` below `root`, and its libraries to {@linkcode LIBRARY_FOLDER}. To
 * run, it needs that folder in LD_LIBRARY_PATH.
 *
 * @param libraries a folder with the libraries of a program that cannot run on this host; by
 * default the host's are used
 * @throws {Error} if the program cannot be read, or a library is missing.
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
    throw new Error(`cannot use ${source} in a guest: it is not a 64-bit program`);
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
 * A library that glibc loads at run time, so that no file lists it: without it, pthread_exit(3) and
 * pthread_cancel(3) abort the process (sysdeps/nptl/unwind-link.c). It is next to the C library.
 */
const OPENED_LATER = "libgcc_s.so.1";

/** Adds the library that the C library loads later. */
async function withOpenedLater(libraries: readonly string[]): Promise<readonly string[]> {
  const libc = libraries.find((library) => baseName(library) === "libc.so.6");
  if (libc === undefined || libraries.some((it) => baseName(it) === OPENED_LATER)) return libraries;
  const later = `${libc.slice(0, libc.lastIndexOf("/"))}/${OPENED_LATER}`;
  return await Deno.stat(later).then(() => [...libraries, later], () => libraries);
}

/** Copies a file and makes it executable for everyone. */
export async function copyExecutable(source: string, target: string): Promise<void> {
  await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
  await Deno.copyFile(source, target);
  await Deno.chmod(target, 0o755);
}

/** Paths in `folder` of the loader and of all libraries that the program needs, directly or not. */
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
    throw new Error(`cannot find the libraries of ${program}: ${fact}`, { cause: error });
  });
  return [...found];
}

/** The paths of a program's libraries, from ldd(1). */
async function librariesOf(program: string): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command("ldd", {
    args: [program],
    env: { LC_ALL: "C" },
  }).output();
  if (!success) {
    const fact = new TextDecoder().decode(stderr).trim();
    throw new Error(`cannot find the libraries of ${program}: ldd failed: ${fact}`);
  }
  // `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x..)`, or the loader by its path alone.
  return [...new TextDecoder().decode(stdout).matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, it]) =>
    it!
  );
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
