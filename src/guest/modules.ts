// Kernel modules: loaded in the order that the initrd names them in.

import { loadModule } from "../libc/system.ts";

const FOLDER = "/execvm/modules";

/**
 * Loads all modules of the initrd; a kernel that has everything built in has none.
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
