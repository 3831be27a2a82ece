// Replaces this process by a command, where the only thing left to do would be to wait for it.

import { ownEnvironment } from "../../libc/environment.ts";
import { exec } from "../../libc/exec.ts";
import { withProgram } from "../../libc/program.ts";

/**
 * Replaces this process by a command, as execve(2) does. Needs FFI.
 *
 * @param env variables added to our environment
 *
 * @throws {ProgramError} if it is not found or not executable.
 */
export function execInPlace(argv: readonly string[], env: Readonly<Record<string, string>>): never {
  const environment = { ...ownEnvironment(), ...env };
  return withProgram(argv, { path: environment["PATH"], cwd: undefined }, (path, argv) =>
    exec({
      path,
      argv,
      environment: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    }));
}
