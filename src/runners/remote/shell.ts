// The interface to run set-up programs on a remote host.

/** The exit code and output of a remote program. */
export interface RemoteOutput {
  readonly code: number;
  readonly stdout: string;
  /** Its own, mixed with that of the tool that reached the host, such as ssh. */
  readonly stderr: string;
}

/**
 * Runs a program on the remote host to its end.
 *
 * @param stdin its input; without it, empty
 * @throws {RunnerError} if the program cannot be run.
 */
export type RemoteShell = (
  argv: readonly string[],
  stdin?: ReadableStream<Uint8Array>,
) => Promise<RemoteOutput>;

/** Returns the last line that is not blank. */
export function lastLine(text: string): string | undefined {
  return text.split(/[\r\n]+/).findLast((line) => line.trim() !== "");
}

/** Decodes the output of a process as UTF-8. */
export function decodeOutput({ code, stdout, stderr }: Deno.CommandOutput): RemoteOutput {
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
