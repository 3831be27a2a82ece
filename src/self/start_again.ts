// Builds the argv that starts this same execvm again.

import { ownForm } from "./own_form.ts";

/** The path of this module in the sources. */
const SOURCE = /\/src\/self\/start_again\.ts$/;

/**
 * Returns the argv that runs execvm, to be followed by a subcommand: the compiled binary, or Deno
 * with the bundled program or with the main module, from the same location as this one. Undefined
 * if this execvm is part of another program, which would start itself.
 */
export function selfArgv(): readonly string[] | undefined {
  const form = ownForm();
  if (form === undefined) return undefined;
  if (form === "binary") return [Deno.execPath()];
  const here = import.meta.url;
  const main = new URL(form === "sources" ? here.replace(SOURCE, "/src/cli/main.ts") : here);
  const module = main.protocol === "file:" ? decodeURIComponent(main.pathname) : main.href;
  return [...denoRun(Deno.execPath()), module];
}

/** Returns the argv that runs execvm in Deno, without the module. @param deno path of Deno */
export function denoRun(deno: string): readonly string[] {
  return [deno, "run", "-A", "--quiet", "--no-config", "--no-lock"];
}
