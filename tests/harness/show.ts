// Printing to whoever watches the tests.

/** Prints a line. */
export function show(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
