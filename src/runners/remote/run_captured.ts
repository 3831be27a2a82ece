// Runs a set-up command by means of a runner and captures its output.

import { feedFrom, nullInput, openEdge, toReadable } from "../../io/edges.ts";
import type { Stdio } from "../../io/ends.ts";
import { exitCode } from "../../model/outcome.ts";
import type { Running } from "../contract/runner.ts";
import type { RemoteOutput } from "./shell.ts";

/**
 * Runs a command to its end and returns its output.
 *
 * @param start starts the command, which then owns the ends
 * @param stdin its input; without it, empty
 * @param signal kills the command when aborted
 * @throws {RunnerError} if the machinery fails.
 * @throws the reason of the signal if that is aborted.
 */
export async function runCaptured(
  start: (stdio: Stdio) => Promise<Running>,
  stdin: ReadableStream<Uint8Array> | undefined,
  signal: AbortSignal,
): Promise<RemoteOutput> {
  signal.throwIfAborted();
  const fed = stdin && feedFrom(stdin, signal);
  const [output, error] = [openEdge(), openEdge()];
  const said = Promise.all([textOf(output.read), textOf(error.read)]);
  const ends = { stdin: fed?.end ?? nullInput(), stdout: output.write, stderr: error.write };
  await using running = await start(ends);
  const kill = () => running.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  if (signal.aborted) kill();
  try {
    const status = await running.exited;
    await fed?.copied;
    const [stdout, stderr] = await said;
    signal.throwIfAborted();
    return { code: exitCode(status), stdout, stderr };
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

async function textOf(end: ReturnType<typeof openEdge>["read"]): Promise<string> {
  let text = "";
  for await (const chunk of toReadable(end).pipeThrough(new TextDecoderStream())) text += chunk;
  return text;
}
