// Finds the parts of a kernel in a folder into which packages of a distribution were unpacked.
//
//   image    boot/vmlinuz-V (Debian up to 13, Ubuntu) · usr/lib/modules/V/vmlinuz (Debian 14)
//   config   boot/config-V · usr/lib/modules/V/config
//   modules  lib/modules/V (Debian 12, Ubuntu 22.04) · usr/lib/modules/V

/** The paths of the parts of a kernel. */
export interface UnpackedKernel {
  readonly image: string;
  /** The folder with its modules and their metadata. */
  readonly modulesDir: string;
  /** Its configuration (Documentation/kbuild/kconfig.rst), which not all packages include. */
  readonly config: string | undefined;
}

/**
 * Finds the only kernel below `root`.
 *
 * @throws {Error} if there is none, or more than one; the message is only the fact.
 */
export function findUnpacked(root: string): UnpackedKernel {
  const folders = [`${root}/lib/modules`, `${root}/usr/lib/modules`];
  const modulesDir = only("folder of modules", folders.flatMap((folder) => entries(folder, /^\d/)));
  const version = modulesDir.slice(modulesDir.lastIndexOf("/") + 1);
  const boot = `${root}/boot`;
  const images = [...entries(boot, /^vmlinu[xz]-/), ...entries(modulesDir, /^vmlinu[xz]$/)];
  const configs = [`${boot}/config-${version}`, `${modulesDir}/config`];
  return { image: only("kernel image", images), modulesDir, config: configs.find(isFile) };
}

function only(what: string, paths: readonly string[]): string {
  if (paths.length === 1) return paths[0]!;
  const names = paths.map((path) => path.slice(path.lastIndexOf("/") + 1)).join(", ");
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
