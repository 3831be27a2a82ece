// Runs set-up programs on the remote host over an existing connection.

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

/** The connection to use, and the signal that ends the program. */
export interface Session {
  readonly target: SshTarget;
  readonly connection: SshConnection;
  readonly signal: AbortSignal;
}

/**
 * Runs a program on the remote host to its end.
 *
 * @param stdin its input; without it, empty
 * @throws {RunnerError} if ssh fails.
 * @throws the reason of the signal if that is aborted.
 */
export async function runSession(
  session: Session,
  argv: readonly string[],
  stdin?: ReadableStream<Uint8Array>,
): Promise<RemoteOutput> {
  return await streamSession(session, argv, stdin === undefined ? {} : { stdin });
}

/**
 * As {@linkcode runSession}, with streams.
 *
 * @param stdin its input, owned; without it, empty
 * @param stdout takes its output, in place of the result
 * @throws {RunnerError} if ssh fails.
 * @throws the reason of the signal if that is aborted.
 */
export async function streamSession(
  { target, connection, signal }: Session,
  argv: readonly string[],
  { stdin, stdout }: {
    readonly stdin?: ReadableStream<Uint8Array>;
    readonly stdout?: WritableStream<Uint8Array>;
  },
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
  const fed = stdin?.pipeTo(child.stdin).catch(() => {}); // a program that ends early reports why
  const output = await outputOf(child, stdout);
  await fed;
  signal.throwIfAborted();
  const words = await Deno.readTextFile(log).catch(() => "");
  await Deno.remove(log).catch(() => {});
  if (output.code !== FAILED) return output;
  throw new RunnerError(`cannot run by ssh: ${explain(words)}`, {
    runner: "ssh",
    phase: "prepare",
    argv: line,
    consoleTail: `${words}${output.stderr}`,
  });
}

async function outputOf(
  child: Deno.ChildProcess,
  stdout: WritableStream<Uint8Array> | undefined,
): Promise<RemoteOutput> {
  if (stdout === undefined) return decodeOutput(await child.output());
  const taken = child.stdout.pipeTo(stdout).catch(() => {}); // its reader has gone, and knows why
  const [{ code }, stderr] = await Promise.all([child.status, child.stderr.text(), taken]);
  return { code, stdout: "", stderr };
}
