// Adds environment variables to a command where only an argv can be passed.

/**
 * Returns an argv that runs `argv` with more variables, by `env`. A program with a `=` in its name
 * is started through `sh`, as `env` would take it for a variable.
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
