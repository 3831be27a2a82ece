// A program that runs over a connection to make something ready at the far side.

import { toolArgv } from "../../host/program_path.ts";
import { startWithUs } from "../../host/watchdog.ts";
import { RunnerError } from "../../model/errors.ts";
import type { RemoteOutput } from "../remote/shell.ts";
import { decodeOutput } from "../remote/shell.ts";
import type { SshConnection } from "./connection.ts";
import { sessionArgv, type SshTarget } from "./ssh_argv.ts";
import { explain } from "./verdict.ts";

/** ssh(1): the exit status if an error occurred. */
const FAILED = 255;

/** Where it runs, and what ends it. */
export interface Session {
  readonly target: SshTarget;
  readonly connection: SshConnection;
  readonly signal: AbortSignal;
}

/**
 * Runs a program at the far side to its end, with these bytes as its stdin.
 *
 * @throws {RunnerError} if ssh fails. @throws the reason of the signal if that is aborted.
 */
export async function runSession(
  { target, connection, signal }: Session,
  argv: readonly string[],
  stdin?: ReadableStream<Uint8Array>,
): Promise<RemoteOutput> {
  const log = `${connection.folder}/${crypto.randomUUID()}`;
  const line = sessionArgv(target, { socket: connection.socket, log, tty: false }, argv);
  const [program, ...args] = toolArgv(line);
  const streams = { stdin: stdin === undefined ? "null" : "piped", stdout: "piped" } as const;
  const command = new Deno.Command(program!, { args, ...streams, stderr: "piped", signal });
  const { started: child, cleanup } = startWithUs(
    () => command.spawn(),
    ({ pid }) => ({ process: pid }),
  );
  using _cleanup = cleanup;
  const fed = stdin?.pipeTo(child.stdin).catch(() => {}); // who ends early says why
  const output = decodeOutput(await child.output());
  await fed;
  signal.throwIfAborted();
  const words = await Deno.readTextFile(log).catch(() => "");
  await Deno.remove(log).catch(() => {});
  if (output.code !== FAILED) return output;
  throw new RunnerError(`Cannot run by ssh as ${explain(words)}`, {
    runner: "ssh",
    phase: "prepare",
    argv: line,
    consoleTail: `${words}${output.stderr}`,
  });
}
