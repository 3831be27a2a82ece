// `execvm far`: the remote end of a runner that works on another computer (ssh, slurm). It runs one
// command on the inner runner, with our own stdio, and reports either how the command ended or why
// it could not be run.
//
//   execvm far PROTOCOL VERDICT REQUEST
//   PROTOCOL  the protocol version of the caller
//   VERDICT   where the verdict is written, unless the command succeeded: to the file of this path;
//             :TOKEN to stderr, marked with the token; - only a failure to run it, as text on stderr
//   REQUEST   the JSON form of a pipeline of this one command, bound to its runner

import { catchSignals } from "../../libc/catch_signals.ts";
import { messageOf, RunnerError, UsageError } from "../../model/errors.ts";
import type { CommandNode } from "../../model/nodes.ts";
import { exitCode } from "../../model/outcome.ts";
import type { Runner } from "../../runners/contract/runner.ts";
import { REMOTE_PROTOCOL } from "../../runners/remote/request.ts";
import { formatVerdict, type RemoteVerdict, saidVerdict } from "../../runners/remote/verdict.ts";
import { VERSION } from "../../self/version.ts";
import { tellNothing } from "../../vm/notices.ts";
import { FAILED } from "../frame/exit_codes.ts";
import { readRequest } from "./remote_request.ts";

/** The signals that end, stop or wake up a process and can be caught: they are for the command. */
const FORWARDED = [
  ...["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const,
  ...["SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCONT", "SIGTSTP", "SIGWINCH"] as const,
];

const OURS = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;

/**
 * Runs `execvm far` and returns the exit code.
 *
 * @throws {UsageError} unless there are three arguments.
 */
export async function runRemote(args: readonly string[]): Promise<number> {
  const [protocol, path, request] = args;
  if (protocol === undefined || path === undefined || request === undefined || args.length > 3) {
    throw new UsageError("cannot run far: it is internal, for the execvm of another machine");
  }
  tellNothing();
  const verdict = await decide(protocol, request);
  const code = "failure" in verdict ? FAILED : exitCode(verdict);
  if (code !== 0) onPhase(verdict, path);
  return code;
}

function onPhase(verdict: RemoteVerdict, where: string): void {
  if (where.startsWith(":")) say(saidVerdict(verdict, where.slice(1)));
  else if (where !== "-") {
    Deno.writeTextFileSync(where, `${formatVerdict(verdict)}\n`, { mode: 0o600 });
  } else if ("failure" in verdict) say(`execvm: ${verdict.failure.message}\n`);
}

function say(words: string): void {
  let rest = new TextEncoder().encode(words);
  while (rest.length > 0) rest = rest.subarray(Deno.stderr.writeSync(rest));
}

async function decide(protocol: string, request: string): Promise<RemoteVerdict> {
  try {
    if (protocol !== REMOTE_PROTOCOL) {
      throw new Error(
        `cannot work together: this execvm is ${VERSION}, and the caller's is a different version`,
      );
    }
    const { node, runner } = await readRequest(request);
    await using _runner = runner;
    return await runForwarding(runner, node);
  } catch (error) {
    const { phase = "start", consoleTail = "" } = error instanceof RunnerError ? error : {};
    return { failure: { message: messageOf(error), phase, consoleTail } };
  }
}

/** Runs the command. Signals that arrive before it has started are sent to it afterwards. */
async function runForwarding(runner: Runner, node: CommandNode): Promise<RemoteVerdict> {
  const early: typeof FORWARDED = [];
  let hear = (name: typeof FORWARDED[number]): void => void early.push(name);
  using _caught = catchSignals(FORWARDED, (name) => hear(name));
  using copies = await openCopies(runner);
  await using running = await runner.start(node, OURS, () => {}, copies);
  hear = (name) => void running.kill(name);
  for (const name of early) hear(name);
  const end = await running.exited.catch(async (error) => {
    await copies?.abort();
    throw error;
  });
  await (end.code === 0 || end.signal === "SIGPIPE" ? copies?.commit() : copies?.abort());
  return end;
}

async function openCopies({ copies }: Runner) {
  if (copies === undefined) return undefined;
  const { OpenCopies } = await import("../../copy/open_copies.ts");
  return await OpenCopies.open(copies, []);
}
