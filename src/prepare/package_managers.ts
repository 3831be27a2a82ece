// The command lines of package managers. Pure.

/** The commands to run; package names are appended to the last one. */
const COMMANDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "apt-get": [
    ["apt-get", "update", "-q"],
    [
      ...["apt-get", "install", "-q", "-y", "--no-install-recommends"],
      // The disk is discarded if the machine fails, so it need not be flushed.
      ...["-o", "Dpkg::Options::=--force-unsafe-io", "--"],
    ],
  ],
  apk: [["apk", "add", "--no-cache", "--"]],
  dnf: [["dnf", "install", "-y", "--setopt=install_weak_deps=False", "--"]],
};

/** The supported package managers. */
export const PACKAGE_MANAGERS: readonly string[] = Object.keys(COMMANDS);

/**
 * Returns the commands that install packages; `undefined` if the package manager is not supported.
 */
export function installCommands(
  manager: string,
  packages: readonly string[],
): readonly (readonly string[])[] | undefined {
  const commands = Object.hasOwn(COMMANDS, manager) ? COMMANDS[manager] : undefined;
  return commands?.map((argv, index) =>
    index < commands.length - 1 ? argv : [...argv, ...packages]
  );
}
