// How package managers install, each in its own words. Pure.

/** The commands before the last one come as they are, names of packages go behind that. */
const COMMANDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "apt-get": [
    ["apt-get", "update", "-q"],
    [
      ...["apt-get", "install", "-q", "-y", "--no-install-recommends"],
      // A disk that is thrown away if the machine fails need not be flushed.
      ...["-o", "Dpkg::Options::=--force-unsafe-io", "--"],
    ],
  ],
  apk: [["apk", "add", "--no-cache", "--"]],
  dnf: [["dnf", "install", "-y", "--setopt=install_weak_deps=False", "--"]],
};

/** The package managers that are known. */
export const PACKAGE_MANAGERS: readonly string[] = Object.keys(COMMANDS);

/** The commands that install packages, one after the other; undefined if it is no manager that is known. */
export function installCommands(
  manager: string,
  packages: readonly string[],
): readonly (readonly string[])[] | undefined {
  const commands = Object.hasOwn(COMMANDS, manager) ? COMMANDS[manager] : undefined;
  return commands?.map((argv, index) =>
    index < commands.length - 1 ? argv : [...argv, ...packages]
  );
}
