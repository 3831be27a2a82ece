// A command with more variables, where only an argv can be said.

/**
 * The argv that runs `argv` with more variables. `env` takes words with a `=` for variables, up to the
 * first without one.
 */
export function withEnvironment(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): readonly string[] {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  if (variables.length === 0) return argv;
  const program = argv[0]!.includes("=") ? ["sh", "-c", 'exec "$@"', "sh"] : [];
  return ["env", "--", ...variables, ...program, ...argv];
}
