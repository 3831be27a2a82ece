// The steps of a preparation, in the machine.

import { packTar } from "../archive/pack_tar.ts";
import type { BuildMachine } from "./build_machine.ts";
import { tarOfFiles } from "./given_files.ts";
import { BUSYBOX, CLEAN, FIND_MANAGER, LEND_WHEELS, WHEELS } from "./guest_programs.ts";
import type { PipOptions, PrepareSteps } from "./prepare_options.ts";

/** How each package manager installs: what has to come first, and the command that names follow. */
const MANAGERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
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

/** Nobody answers questions, and no service is started. */
const QUIET = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" } as const;

const PIP = [
  ...["python3", "-m", "pip", "install", "--only-binary", ":all:", "--no-input"],
  ...["--no-cache-dir", "--disable-pip-version-check", "--progress-bar", "off"],
] as const;

/** The Python of a distribution refuses otherwise, and pip warns of root. */
const PIP_ENV = { PIP_BREAK_SYSTEM_PACKAGES: "1", PIP_ROOT_USER_ACTION: "ignore" } as const;

/** Does all steps, one after the other. @throws {Error} if one fails: it names the step. */
export async function runSteps(
  machine: BuildMachine,
  { packages, pip, files, run }: PrepareSteps,
  onProgress: (step: string) => void,
): Promise<void> {
  if (packages.length > 0) {
    onProgress("installing packages");
    await installPackages(machine, packages);
  }
  if (pip !== undefined) {
    onProgress("installing Python packages");
    await installWheels(machine, pip);
  }
  if (Object.keys(files).length > 0) {
    onProgress("putting files in");
    const argv = [BUSYBOX, "tar", "-x", "-C", "/"];
    await machine.inRoot("putting files in", { argv, input: tarOfFiles(files) });
  }
  for (const argv of run) {
    onProgress(`running ${argv[0]}`);
    await machine.inRoot(`running ${JSON.stringify(argv)}`, { argv });
  }
}

async function installPackages(machine: BuildMachine, packages: readonly string[]): Promise<void> {
  const name = (await machine.program("looking for a package manager", FIND_MANAGER)).trim();
  const commands = MANAGERS[name];
  if (commands === undefined) {
    const known = Object.keys(MANAGERS).join(", ");
    throw new Error(
      `Cannot install ${packages[0]} as the root has no package manager: none of ${known}`,
    );
  }
  for (const [index, command] of commands.entries()) {
    const argv = index < commands.length - 1 ? command : [...command, ...packages];
    await machine.inRoot(command.slice(0, 2).join(" "), { argv, env: QUIET });
  }
  await machine.program("cleaning up", CLEAN);
}

async function installWheels(machine: BuildMachine, pip: PipOptions): Promise<void> {
  const { requirements, index, wheels } = pip;
  if (wheels !== undefined) {
    const input = packTar(["."], { directory: wheels });
    await machine.program("lending the wheels", LEND_WHEELS, [], input);
  }
  const source = wheels !== undefined
    ? ["--no-index", "--find-links", WHEELS]
    : index === undefined
    ? []
    : ["--index-url", index];
  const argv = [...PIP, ...source, "--", ...requirements];
  await machine.inRoot("pip install", { argv, env: PIP_ENV });
}
