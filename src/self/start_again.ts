// Builds the argv that starts this same execvm again.

/** The path of this module in the sources; in a bundle it is part of the program. */
const SOURCE = /\/src\/self\/start_again\.ts$/;

/**
 * Returns the argv that runs execvm, to be followed by a subcommand: the compiled binary, or Deno
 * with the bundled program or with the main module, from the same location as this one.
 */
export function selfArgv(): readonly string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  const here = import.meta.url;
  const main = new URL(SOURCE.test(here) ? here.replace(SOURCE, "/src/cli/main.ts") : here);
  const module = main.protocol === "file:" ? decodeURIComponent(main.pathname) : main.href;
  return [...denoRun(Deno.execPath()), module];
}

/** Returns the argv that runs execvm in Deno, without the module. @param deno path of Deno */
export function denoRun(deno: string): readonly string[] {
  return [deno, "run", "-A", "--quiet", "--no-config", "--no-lock"];
}
