// `execvm code`: runs code from a file or stdin in a fresh virtual machine.

import type { CodeResult } from "../../model/code_result.ts";
import { CODE_OPTION_SPECS } from "../../code/option_specs.ts";
import { runCode } from "../../code/run_code.ts";
import { checkRunOptions, type RunCodeOptions } from "../../code/run_options.ts";
import { writeStderr } from "../../host/stderr_tail.ts";
import { reason } from "../../io/source.ts";
import { signalNumber } from "../../libc/signals.ts";
import { UsageError } from "../../model/errors.ts";
import { resolveImage } from "../../prepare/resolve_root.ts";
import { callOptions } from "../flags/call_flags.ts";
import type { ObserveFlags } from "../flags/observe_flags.ts";
import type { StdinFlags } from "../flags/stdin_flag.ts";
import { exitCodeOfCall, untilSignalled } from "../frame/cancellation.ts";
import { FAILED } from "../frame/exit_codes.ts";
import { requireText } from "../frame/require_text.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { watchRun } from "./watch_run.ts";

/** The flags that are not options of `runCode`; those are in the table. */
interface CodeFlags extends ObserveFlags, StdinFlags {
  readonly image: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** The exit code of timeout(1). */
const TIMED_OUT = 124;

/** Runs `execvm code`. */
export const code = withErrorReport(
  async ({ process }, flags: CodeFlags, ...words: readonly string[]) => {
    const [path = "-", ...args] = words;
    requireText({ path });
    const options = toOptions(flags);
    const file = path === "-" ? undefined : await readCode(path);
    const readsStdin = path !== "-" && flags.noStdin !== true;
    using told = untilSignalled();
    await using watching = await watchRun(flags, {
      stdin: readsStdin,
      stdout: flags.json !== true,
    });
    const { observer } = watching.options;
    using narrator = flags.verbose === true ? await newNarrator() : undefined;
    const writers = flags.json === true ? undefined : new Writers();
    return await exitCodeOfCall(told.signal, async () => {
      checkRunOptions(options); // before what takes long
      const image = await resolveImage(flags.image, {
        ...(options.accel !== undefined && { accel: options.accel }),
        ...(narrator && {
          onProgress: (step, files) => void (files ?? narrator.say(`${flags.image}: ${step}`)),
        }),
        signal: told.signal,
      });
      narrator?.say(`runs on vm, with the image ${image.key} of ${image.from}: ${path}`);
      const text = file ?? await readCode(path);
      const result = await runCode(image, text, {
        outputsDir: false, // the default, a temporary folder, would be deleted when execvm exits
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

/** Writes chunks to our stdout and stderr, in order. */
class Writers {
  written: Promise<unknown> = Promise.resolve();

  write(stream: "stdout" | "stderr", chunk: Uint8Array): void {
    this.written = this.written.then(() =>
      stream === "stderr" ? writeStderr(chunk) : writeAll(chunk)
    );
    this.written.catch(() => {}); // reported when `written` is awaited
  }
}

async function writeAll(chunk: Uint8Array): Promise<void> {
  for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await Deno.stdout.write(rest));
}

async function readCode(path: string): Promise<string> {
  if (path === "-") return await new Response(Deno.stdin.readable).text();
  return await Deno.readTextFile(path).catch((error) => {
    throw new UsageError(`cannot read the code ${JSON.stringify(path)}: ${reason(error)}`);
  });
}

/** Reads the options of `runCode` from flags. Globs imply `output: "paths"`. */
export function toOptions(flags: object): RunCodeOptions {
  const options = callOptions<RunCodeOptions>(CODE_OPTION_SPECS, flags);
  const isChoice = options.paths !== undefined && options.output === undefined;
  return isChoice ? { ...options, output: "paths" } : options;
}

/** Whether the code wrote files that were not asked for, so that they are lost. */
function isLost({ artifacts, outputsDir, outputsTar }: CodeResult): boolean {
  return outputsDir === null && outputsTar === null &&
    artifacts.some(({ change }) => change !== "deleted");
}

function wantsOutputs({ outputsDir, outputsTar }: RunCodeOptions): boolean {
  return typeof outputsDir === "string" || outputsTar !== undefined;
}

/**
 * Reports on stderr how the code ended and what it changed; returns the exit code.
 *
 * @param isWanted whether outputs were asked for: if they are missing, code that succeeded counts
 * as failed
 */
function report(result: CodeResult, isWanted: boolean): number {
  const { exitStatus, signal, timedOut, oomKilled, truncated, failure } = result;
  const notes = [
    timedOut && "the code reached its time limit",
    oomKilled && "the code ran out of memory: raise --memory",
    failure !== null && failure,
    truncated && "the result has only a part of the output",
    result.outputsFailure,
    ...result.artifacts.map(({ change, path }) => `${change} ${JSON.stringify(path)}`),
    ...result.leftOut.map(({ path, why }) => `left out ${JSON.stringify(path)}: ${why}`),
    result.outputsDir !== null && result.artifacts.length > 0 &&
    `the outputs are in ${result.outputsDir}`,
    isLost(result) &&
    "the outputs are lost with the machine: --outputs-dir or --outputs-tar keeps them",
    result.outputsTar !== null && `the outputs are in ${result.outputsTar}`,
  ].filter((note) => typeof note === "string" && note !== "");
  const lines = notes.map((note) => `execvm: ${note}\n`).join("");
  Deno.stderr.writeSync(new TextEncoder().encode(lines));
  if (timedOut) return TIMED_OUT;
  if (failure !== null) return FAILED;
  if (exitStatus === 0 && isWanted && result.outputsFailure !== null) return FAILED;
  return exitStatus ?? (signal === null ? FAILED : 128 + signalNumber(signal));
}
