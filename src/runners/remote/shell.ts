// How programs are run at a far side that make things ready there.

/** What a program gave that ran there. */
export interface RemoteOutput {
  readonly code: number;
  readonly stdout: string;
  /** What it said, and what the way there said. */
  readonly stderr: string;
}

/**
 * Runs a program over there to its end, with these bytes as its stdin.
 *
 * @throws {RunnerError} if that cannot be.
 */
export type RemoteShell = (
  argv: readonly string[],
  stdin?: ReadableStream<Uint8Array>,
) => Promise<RemoteOutput>;

/** The last line that says something. */
export function lastLine(text: string): string | undefined {
  return text.split(/[\r\n]+/).findLast((line) => line.trim() !== "");
}

/** What a process gave, as text. */
export function decodeOutput({ code, stdout, stderr }: Deno.CommandOutput): RemoteOutput {
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
