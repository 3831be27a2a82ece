// `execvm code`: code from a file or stdin, in a machine of its own.

import type { CodeResult } from "../../code/code_result.ts";
import { CODE_OPTION_SPECS } from "../../code/option_specs.ts";
import { runCode } from "../../code/run_code.ts";
import type { RunCodeOptions } from "../../code/run_options.ts";
import { writeStderr } from "../../host/stderr_tail.ts";
import { reason } from "../../io/source.ts";
import { signalNumber } from "../../libc/signals.ts";
import { UsageError } from "../../model/errors.ts";
import { chooseImage } from "../../prepare/choose_image.ts";
import { callOptions } from "../flags/call_flags.ts";
import type { ObserveFlags } from "../flags/observe_flags.ts";
import type { StdinFlags } from "../flags/stdin_flag.ts";
import { exitCodeOfCall, untilSignalled } from "../frame/cancellation.ts";
import { FAILED } from "../frame/exit_codes.ts";
import { requireText } from "../frame/require_text.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { watchRun } from "./watch_run.ts";

/** Those that are no options of `runCode`, which the table has. */
interface CodeFlags extends ObserveFlags, StdinFlags {
  readonly image: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** As timeout(1) has it. */
const TIMED_OUT = 124;

/** Runs the code of `execvm code`. */
export const code = withErrorReport(
  async ({ process }, flags: CodeFlags, ...words: readonly string[]) => {
    const [path = "-", ...args] = words;
    requireText({ path });
    const options = toOptions(flags);
    const image = chooseImage(flags.image);
    const text = await readCode(path);
    const readsStdin = path !== "-" && flags.noStdin !== true;
    using told = untilSignalled();
    await using watching = await watchRun(flags, {
      stdin: readsStdin,
      stdout: flags.json !== true,
    });
    const { observer } = watching.options;
    using narrator = flags.verbose === true ? await newNarrator() : undefined;
    narrator?.say(`runs on vm, on the image ${image.key} of ${image.from}: ${path}`);
    const writers = flags.json === true ? undefined : new Writers();
    return await exitCodeOfCall(told.signal, async () => {
      const result = await runCode(image, text, {
        outputsDir: false, // one that nobody names would go with us
        ...options,
        args,
        ...(readsStdin && { stdin: Deno.stdin.readable }),
        ...(writers && { onOutput: (stream, chunk) => writers.write(stream, chunk) }),
        signal: told.signal,
        ...(observer !== undefined && { observer }),
      });
      await writers?.written;
      narrator?.say(`the code ${endOf(result)}`);
      if (flags.json !== true) return report(result, wantsOutputs(options));
      process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      return 0;
    });
  },
  ["env", "argv", "arguments"],
);

async function newNarrator() {
  const { Narrator } = await import("./narrator.ts");
  return new Narrator();
}

function endOf({ exitStatus, signal, failure, durationMs }: CodeResult): string {
  const how = exitStatus === null ? failure ?? `died of ${signal}` : `exited with ${exitStatus}`;
  return `${how} after ${(durationMs / 1000).toFixed(3)} s`;
}

/** Our own streams, to which chunks go in order. */
class Writers {
  written: Promise<unknown> = Promise.resolve();

  write(stream: "stdout" | "stderr", chunk: Uint8Array): void {
    this.written = this.written.then(() =>
      stream === "stderr" ? writeStderr(chunk) : writeAll(chunk)
    );
    this.written.catch(() => {}); // told at the end
  }
}

async function writeAll(chunk: Uint8Array): Promise<void> {
  for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await Deno.stdout.write(rest));
}

async function readCode(path: string): Promise<string> {
  if (path === "-") return await new Response(Deno.stdin.readable).text();
  return await Deno.readTextFile(path).catch((error) => {
    throw new UsageError(`Cannot read the code ${JSON.stringify(path)} as ${reason(error)}`);
  });
}

/** What the flags say of `runCode`. Globs are for `output: "paths"`, which need not be said. */
export function toOptions(flags: object): RunCodeOptions {
  const options = callOptions<RunCodeOptions>(CODE_OPTION_SPECS, flags);
  const isChoice = options.paths !== undefined && options.output === undefined;
  return isChoice ? { ...options, output: "paths" } : options;
}

/** Whether there was something to take out, and nobody asked for it. */
function isLost({ artifacts, outputsDir, outputsTar }: CodeResult): boolean {
  return outputsDir === null && outputsTar === null &&
    artifacts.some(({ change }) => change !== "deleted");
}

function wantsOutputs({ outputsDir, outputsTar }: RunCodeOptions): boolean {
  return typeof outputsDir === "string" || outputsTar !== undefined;
}

/**
 * Tells of all but the output; the exit code.
 *
 * @param isWanted whether outputs were asked for: that there are none is then a failure, unless the code's own comes first
 */
function report(result: CodeResult, isWanted: boolean): number {
  const { exitStatus, signal, timedOut, oomKilled, truncated, failure } = result;
  const notes = [
    timedOut && "its time was over",
    oomKilled && "it ran out of memory: raise --memory",
    failure !== null && failure,
    truncated && "of its output only a part is in the result",
    result.outputsFailure,
    ...result.artifacts.map(({ change, path }) => `${change} ${JSON.stringify(path)}`),
    ...result.leftOut.map(({ path, why }) => `left out ${JSON.stringify(path)}: ${why}`),
    result.outputsDir !== null && result.artifacts.length > 0 &&
    `the outputs are in ${result.outputsDir}`,
    isLost(result) &&
    "what it made is gone with its machine: --outputs-dir or --outputs-tar keeps it",
    result.outputsTar !== null && `the outputs are in ${result.outputsTar}`,
  ].filter((note) => typeof note === "string" && note !== "");
  const lines = notes.map((note) => `execvm: ${note}\n`).join("");
  Deno.stderr.writeSync(new TextEncoder().encode(lines));
  if (timedOut) return TIMED_OUT;
  if (failure !== null) return FAILED;
  if (exitStatus === 0 && isWanted && result.outputsFailure !== null) return FAILED;
  return exitStatus ?? (signal === null ? FAILED : 128 + signalNumber(signal));
}
