// `execvm far`: the far side of a runner that reaches another computer. It runs one command on the inner
// runner, with our own stdio, and tells apart how the command ended and that it could not be run.
//
//   execvm far PROTOCOL VERDICT REQUEST
//   PROTOCOL  what the other side speaks
//   VERDICT   where the verdict goes, unless the command succeeded: path of a file, or :TOKEN has it said
//             on stderr, or - has no more said than what is wrong
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

/** What ends a process, stops it or wakes it up, and can be caught: it is meant for the command. */
const FORWARDED = [
  ...["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const,
  ...["SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCONT", "SIGTSTP", "SIGWINCH"] as const,
];

const OURS = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;

/** Runs `execvm far` with these arguments; the exit code. @throws {UsageError} if they are not three. */
export async function runRemote(args: readonly string[]): Promise<number> {
  const [protocol, path, request] = args;
  if (protocol === undefined || path === undefined || request === undefined || args.length > 3) {
    throw new UsageError("Cannot run far as it is not for people, but for an execvm elsewhere");
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
        `Cannot work together as this execvm is ${VERSION}, and the other another one`,
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

/** Runs the command. Signals that come before it has started wait for it. */
async function runForwarding(runner: Runner, node: CommandNode): Promise<RemoteVerdict> {
  const early: typeof FORWARDED = [];
  let hear = (name: typeof FORWARDED[number]): void => void early.push(name);
  using _caught = catchSignals(FORWARDED, (name) => hear(name));
  await using running = await runner.start(node, OURS, () => {});
  hear = (name) => void running.kill(name);
  for (const name of early) hear(name);
  return await running.exited;
}
