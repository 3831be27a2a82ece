// Runs a tool of this machine to its end, with streams.

import { toolArgv } from "./program_path.ts";
import { startWithUs } from "./watchdog.ts";

/** How a tool ended. */
export interface ToolEnd {
  readonly code: number;
  readonly stderr: string;
}

/** The streams of a tool, and the signal that ends it. */
export interface ToolStreams {
  /** Its input, owned; without it, empty. */
  readonly stdin?: ReadableStream<Uint8Array>;
  /** Takes its output, and is closed or aborted; without it, the output is discarded. */
  readonly stdout?: WritableStream<Uint8Array>;
  readonly signal: AbortSignal;
}

/**
 * Runs a tool to its end; it ends with this process.
 *
 * @throws {Deno.errors.NotFound} if there is no such program.
 * @throws the reason of the signal if that is aborted.
 */
export async function streamTool(
  argv: readonly string[],
  { stdin, stdout, signal }: ToolStreams,
): Promise<ToolEnd> {
  const [program, ...args] = toolArgv(argv);
  const command = new Deno.Command(program!, {
    args,
    stdin: stdin === undefined ? "null" : "piped",
    stdout: stdout === undefined ? "null" : "piped",
    stderr: "piped",
    signal,
  });
  signal.throwIfAborted();
  const { started: child, cleanup } = startWithUs(
    () => command.spawn(),
    ({ pid }) => ({ process: pid }),
  );
  using _cleanup = cleanup;
  // A tool that ends early, or loses its reader, reports why.
  const fed = stdin?.pipeTo(child.stdin).catch(() => {});
  const taken = stdout && child.stdout.pipeTo(stdout).catch(() => {});
  const [{ code }, stderr] = await Promise.all([child.status, child.stderr.text(), taken]);
  await fed;
  signal.throwIfAborted();
  return { code, stderr };
}
