// Runs the steps of a preparation in the machine.

import { packTar } from "../archive/pack_tar.ts";
import type { BuildMachine } from "./build_machine.ts";
import { tarOfFiles } from "./given_files.ts";
import { CLEAN, FIND_MANAGER, LEND_WHEELS, WHEELS } from "./guest_programs.ts";
import { installCommands, PACKAGE_MANAGERS } from "./package_managers.ts";
import type { PipOptions, PrepareSteps } from "./prepare_options.ts";

/** Makes package managers ask no questions and start no services. */
const QUIET = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" } as const;

const PIP = [
  ...["python3", "-m", "pip", "install", "--only-binary", ":all:", "--no-input"],
  ...["--no-cache-dir", "--disable-pip-version-check", "--progress-bar", "off"],
] as const;

/** A distribution's Python refuses otherwise, and pip warns about root. */
const PIP_ENV = { PIP_BREAK_SYSTEM_PACKAGES: "1", PIP_ROOT_USER_ACTION: "ignore" } as const;

/** Runs all steps in order. @throws {Error} if one fails; the message names the step. */
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
    await machine.unpack("putting files in", tarOfFiles(files));
  }
  for (const argv of run) {
    onProgress(`running ${argv[0]}`);
    await machine.inRoot(`running ${JSON.stringify(argv)}`, { argv });
  }
}

async function installPackages(machine: BuildMachine, packages: readonly string[]): Promise<void> {
  const name = (await machine.program("looking for a package manager", FIND_MANAGER)).trim();
  const commands = installCommands(name, packages);
  if (commands === undefined) {
    const known = PACKAGE_MANAGERS.join(", ");
    throw new Error(
      `cannot install ${packages[0]}: the root has no package manager: none of ${known}`,
    );
  }
  for (const argv of commands) {
    await machine.inRoot(argv.slice(0, 2).join(" "), { argv, env: QUIET });
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
