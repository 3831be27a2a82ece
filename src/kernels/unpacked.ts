// Finds the parts of a kernel in a folder into which packages of a distribution were unpacked, in a
// source tree that was built, or in the folder of `make modules_install`.
//
//   image    boot/vmlinuz-V (Debian up to 13, Ubuntu) · usr/lib/modules/V/vmlinuz (Debian 14)
//            arch/x86/boot/bzImage · arch/arm64/boot/Image (a source tree)
//   config   boot/config-V · usr/lib/modules/V/config · .config (a source tree)
//   modules  lib/modules/V (Debian 12, Ubuntu 22.04, INSTALL_MOD_PATH) · usr/lib/modules/V

import { basename, dirname } from "node:path";

/** The paths of the parts of a kernel. */
export interface UnpackedKernel {
  readonly image: string;
  /** The folder with its modules and their metadata; undefined if there is none. */
  readonly modulesDir: string | undefined;
  /** Its configuration (Documentation/kbuild/kconfig.rst), which not all packages include. */
  readonly config: string | undefined;
}

/** Where a source tree has its image after `make`. */
const BUILT_IMAGES = ["arch/x86/boot/bzImage", "arch/arm64/boot/Image"] as const;

/**
 * Finds the only kernel below `root`.
 *
 * @throws {Error} if there is none, or more than one; the message is only the fact.
 */
export function findUnpacked(root: string): UnpackedKernel {
  const tree = BUILT_IMAGES.map((path) => `${root}/${path}`).filter(isFile);
  const folders = modulesDirs(root);
  const images = [
    ...tree,
    ...entries(`${root}/boot`, /^vmlinu[xz]-/),
    ...folders.flatMap((folder) => entries(folder, /^vmlinu[xz]$/)),
    ...entries(root, /^vmlinu[xz](-|$)/), // a folder of modules itself, or of `make install`
  ];
  const own = isModulesDir(root) ? [root] : folders;
  const modulesDir = own.length === 0 ? undefined : only("folder of modules", own);
  // What `make` leaves at the root of a tree is an ELF file that QEMU cannot boot.
  const image = only("kernel image", tree.length > 0 ? tree : images);
  const version = modulesDir && basename(modulesDir);
  const configs = [`${root}/boot/config-${version}`, `${modulesDir}/config`, `${root}/.config`];
  return { image, modulesDir, config: configs.find(isFile) };
}

/**
 * Finds the modules for the kernel `version` in `path`: the folder of one kernel, or one that has
 * such folders, directly or in `lib/modules`, as `make modules_install INSTALL_MOD_PATH` makes it.
 *
 * @param version `unknown` takes the only one
 * @throws {Error} if there are none for it; the message is only the fact.
 */
export function findModulesDir(path: string, version: string): string {
  if (isModulesDir(path)) return path;
  const found = [...modulesDirs(path), ...entries(path, /^\d/).filter(isModulesDir)];
  const fitting = found.find((folder) => basename(folder) === version);
  if (fitting !== undefined) return fitting;
  if (found.length === 0) throw new Error("it has no folder lib/modules/RELEASE");
  if (version === "unknown") return only("folder of modules", found);
  throw new Error(
    `its modules are for ${found.map((folder) => basename(folder)).join(", ")}, not for ${version}`,
  );
}

/**
 * Finds the modules that belong to an image where a distribution puts both: `boot/vmlinuz-V` and
 * `lib/modules/V`, or the image in that folder. Undefined if there are none.
 */
export function findModulesBeside(image: string, version: string): string | undefined {
  const folder = dirname(image);
  if (basename(folder) === version && isModulesDir(folder)) return folder;
  if (basename(folder) !== "boot" || basename(image) !== `vmlinuz-${version}`) return undefined;
  return modulesDirs(dirname(folder)).find((path) =>
    basename(path) === version && isModulesDir(path)
  );
}

/** The folders of modules below a root, one a kernel. */
function modulesDirs(root: string): string[] {
  const [merged, usr] = [`${root}/lib/modules`, `${root}/usr/lib/modules`];
  // On a merged root /lib is a link to /usr/lib.
  const isSame = realPath(merged) === realPath(usr);
  return (isSame ? [merged] : [merged, usr]).flatMap((folder) => entries(folder, /^\d/));
}

/** Whether a folder is that of the modules of one kernel. */
function isModulesDir(path: string): boolean {
  return ["modules.builtin", "modules.order", "modules.dep"].some((name) =>
    isFile(`${path}/${name}`)
  ) && !isFile(`${path}/Makefile`); // a source tree has such lists too
}

function only(what: string, paths: readonly string[]): string {
  if (paths.length === 1) return paths[0]!;
  const names = paths.map((path) => basename(path)).join(", ");
  throw new Error(
    `there is ${paths.length === 0 ? `no ${what}` : `more than one ${what}: ${names}`}`,
  );
}

/** The paths in a folder whose names match; none if the folder does not exist. */
function entries(folder: string, pattern: RegExp): string[] {
  try {
    return [...Deno.readDirSync(folder)].filter(({ name }) => pattern.test(name))
      .map(({ name }) => `${folder}/${name}`).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}
