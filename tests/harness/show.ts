// Prints lines to the console of a test run.

/** Prints a line. */
export function show(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
