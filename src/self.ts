// How to start this very execvm again.

/**
 * The argv that runs execvm, to be followed by a subcommand: the compiled binary, or Deno with the
 * command line's module from wherever this one came from.
 */
export function selfArgv(): readonly string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  const main = new URL("./cli/main.ts", import.meta.url);
  const module = main.protocol === "file:" ? decodeURIComponent(main.pathname) : main.href;
  return [Deno.execPath(), "run", "-A", "--quiet", "--no-config", "--no-lock", module];
}
