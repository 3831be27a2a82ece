// One stage that runs code: its streams, signals and status, as a command has them.

import { type EndWriter, toReadable, toWriter } from "../io/edges.ts";
import type { Stdio } from "../io/ends.ts";
import { isFatal, type SignalName } from "../libc/signals.ts";
import type { CodeStageResult } from "../model/code_result.ts";
import { messageOf, RunnerError } from "../model/errors.ts";
import type { CodeNode } from "../model/nodes.ts";
import { FAILED_CODE, TIMEOUT_CODE } from "../model/outcome.ts";
import { asPhases } from "../runners/contract/preparing_phases.ts";
import type { CommandEnd, OnPhase, Recipient, Running } from "../runners/contract/runner.ts";
import { onlyGiven } from "../model/pick_given.ts";
import { checkImage, resolveImage } from "../prepare/resolve_root.ts";
import type { VirtualMachine } from "../vm/virtual_machine.ts";
import { type CodeOptions, ofCodeSettings } from "./code_options.ts";
import { checkGiven } from "./given_workspace.ts";
import { checkOutputsPlace } from "./outputs_place.ts";
import { runInMachine } from "./run_in_machine.ts";

/**
 * Checks what would keep code from running, before it is started.
 *
 * @throws {RunnerError} if the image or a given file is missing, or there is no place for outputs.
 */
export async function checkCode({ image, options }: CodeNode): Promise<void> {
  const wanted = ofCodeSettings(options);
  try {
    checkImage(image);
    await checkGiven(wanted.files);
    await checkOutputsPlace(wanted);
  } catch (error) {
    throw toRunnerError(error);
  }
}

/** Code that runs, or waits for its machine. It owns the ends of `stdio` and closes them. */
export class CodeStage implements Running {
  readonly exited: Promise<CommandEnd>;
  readonly #node: CodeNode;
  readonly #onPhase: OnPhase | undefined;
  readonly #stdin: ReadableStream<Uint8Array>;
  readonly #stdout: EndWriter;
  readonly #stderr: EndWriter;
  /**
   * Aborted if it is killed before its machine is ready, while its outputs are extracted, or by
   * SIGKILL, which leaves no outputs.
   */
  readonly #ending = new AbortController();
  /** Its status in that case: death by the first fatal signal. */
  #killed: CommandEnd | undefined;
  /** The machine while the code may run in it. */
  #machine: VirtualMachine | undefined;
  #closing: Promise<void> | undefined;

  constructor(node: CodeNode, stdio: Stdio, onPhase?: OnPhase) {
    this.#node = node;
    this.#onPhase = onPhase;
    this.#stdin = toReadable(stdio.stdin);
    this.#stdout = toWriter(stdio.stdout, Deno.stdout);
    this.#stderr = toWriter(stdio.stderr, Deno.stderr);
    this.exited = this.#run();
  }

  kill(signal: SignalName, to?: Recipient): void | Promise<void> {
    if (this.#machine !== undefined && signal !== "SIGKILL") return this.#machine.kill(signal, to);
    if (!isFatal(signal)) return;
    this.#killed ??= { signal };
    this.#ending.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill("SIGKILL");
    await this.exited.catch(() => {}); // its pipeline has the error
  }

  async #run(): Promise<CommandEnd> {
    const options = ofCodeSettings(this.#node.options);
    try {
      const codeResult = await this.#runInMachine(options);
      return { ...toStatus(codeResult, options), codeResult };
    } catch (error) {
      if (this.#killed !== undefined) return this.#killed;
      throw toRunnerError(error);
    } finally {
      this.#machine = undefined;
      await this.#stdin.cancel().catch(() => {}); // it may be at EOF, or locked
      await this.#close();
    }
  }

  async #runInMachine(options: CodeOptions): Promise<CodeStageResult> {
    const { image, text } = this.#node;
    const onPhase = this.#onPhase;
    const streams = { stdin: () => this.#stdin, stdout: this.#stdout, stderr: this.#stderr };
    return await runInMachine({
      image: await resolveImage(image, {
        signal: this.#ending.signal,
        ...onlyGiven({ accel: options.accel, onProgress: onPhase && asPhases(onPhase) }),
      }),
      code: text,
      options: { ...options, signal: this.#ending.signal },
      streams,
      watch: {
        onPhase: this.#onPhase,
        begin() {},
        ready: (machine) => void (this.#machine = machine),
        ended: async () => {
          this.#machine = undefined;
          await this.#close(); // what reads its output need not wait for its outputs
          this.#onPhase?.("ending", "taking out what it wrote");
        },
      },
    });
  }

  #close(): Promise<void> {
    return this.#closing ??= Promise.all([this.#stdout.close(), this.#stderr.close()]).then(
      () => {},
    );
  }
}

/** Returns the status of a stage, with the codes that `execvm code` has. */
function toStatus(
  { exitStatus, signal, timedOut, failure, outputsFailure }: CodeStageResult,
  { outputsDir, outputsTar }: CodeOptions,
): CommandEnd {
  if (timedOut) return { code: TIMEOUT_CODE };
  if (failure !== null) return { code: FAILED_CODE };
  if (signal !== null) return { signal };
  const isAsked = typeof outputsDir === "string" || outputsTar !== undefined;
  const isLost = exitStatus === 0 && outputsFailure !== null && isAsked;
  return { code: isLost ? FAILED_CODE : exitStatus ?? FAILED_CODE };
}

function toRunnerError(error: unknown): RunnerError {
  if (error instanceof RunnerError) return error;
  return new RunnerError(messageOf(error), { runner: "vm", phase: "prepare", cause: error });
}
