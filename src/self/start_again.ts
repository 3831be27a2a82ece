// How to start this very execvm again.

/** Where this module is among its sources; in a bundle it has become a part of the program. */
const SOURCE = /\/src\/self\/start_again\.ts$/;

/**
 * The argv that runs execvm, to be followed by a subcommand: the compiled binary, or Deno with the
 * module of the command line, from wherever this one came from, or with the bundled program.
 */
export function selfArgv(): readonly string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  const here = import.meta.url;
  const main = new URL(SOURCE.test(here) ? here.replace(SOURCE, "/src/cli/main.ts") : here);
  const module = main.protocol === "file:" ? decodeURIComponent(main.pathname) : main.href;
  return [...denoRun(Deno.execPath()), module];
}

/** The argv that has Deno run execvm, up to its module. */
export function denoRun(deno: string): readonly string[] {
  return [deno, "run", "-A", "--quiet", "--no-config", "--no-lock"];
}
