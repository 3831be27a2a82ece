// What a command on a terminal elsewhere has to know of ours, which shows what it writes.

const NAMES = ["TERM", "COLORTERM"] as const;

/** Those of our variables that say what our terminal can do. */
export function terminalVariables(): Readonly<Record<string, string>> {
  const values = NAMES.map((name) => [name, Deno.env.get(name) ?? ""] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== ""));
}
