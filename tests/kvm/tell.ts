// Reports progress on stderr.

/** Prints a line. */
export function tell(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`execvm: ${line}\n`));
}
