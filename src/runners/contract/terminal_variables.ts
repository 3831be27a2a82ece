// Passes on what a command with a remote terminal has to know of ours, on which its output is
// shown.

const NAMES = ["TERM", "COLORTERM"] as const;

/**
 * Returns our environment variables that describe what our terminal can do; empty ones are left
 * out.
 */
export function terminalVariables(): Readonly<Record<string, string>> {
  const values = NAMES.map((name) => [name, Deno.env.get(name) ?? ""] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== ""));
}
