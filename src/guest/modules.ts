// Loads kernel modules in the order that the initrd lists them in.

import { loadModule } from "../libc/system.ts";

const FOLDER = "/execvm/modules";

/**
 * Loads all modules of the initrd; there are none for a kernel that has everything built in.
 *
 * @throws {SystemError} if one cannot be loaded.
 */
export function loadModules(): void {
  for (const name of moduleNames()) loadModule(`${FOLDER}/${name}`);
}

function moduleNames(): string[] {
  try {
    return Deno.readTextFileSync(`${FOLDER}/order`).split("\n").filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
