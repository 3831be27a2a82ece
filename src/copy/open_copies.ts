// Copies the files of one command to where it runs, and its outputs back.

import { DiskBudget } from "../archive/disk_budget.ts";
import type { ExitStatus } from "../libc/spawn.ts";
import { attachTeardownError, EndpointError, messageOf } from "../model/errors.ts";
import { type CopyOptions, MAX_OUTPUTS_BYTES } from "../model/copy_options.ts";
import { type Copier, MissingPath, type RemoteFiles } from "../runners/contract/copies.ts";
import { findGiven, type GivenFiles, packGiven } from "./given_files.ts";
import { Output } from "./output.ts";
import { findTargets } from "./output_target.ts";

/** Whether an output is not there. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof MissingPath;
}

/**
 * The copying for one command of a run. When the run has ended, the owner calls `commit` if it has
 * succeeded, else `abort`.
 */
export class OpenCopies implements Copier, Disposable {
  readonly #given: GivenFiles;
  readonly #outputs: readonly Output[];
  readonly #always: boolean;
  /** What failed after the command had failed. */
  #lost: unknown;

  private constructor(given: GivenFiles, outputs: readonly Output[], always: boolean) {
    this.#given = given;
    this.#outputs = outputs;
    this.#always = always;
  }

  /**
   * Checks all paths on this machine, before anything starts.
   *
   * @param others the copying for other commands of the run
   * @throws {EndpointError} if a file cannot be read, or an output could not be written.
   */
  static async open(options: CopyOptions, others: readonly OpenCopies[]): Promise<OpenCopies> {
    const given = await findGiven(options);
    const taken = others.flatMap((other) => other.#outputs.map(({ place }) => place));
    const { maxOutputsBytes = MAX_OUTPUTS_BYTES } = options;
    const budget = new DiskBudget(
      maxOutputsBytes,
      `the outputs take more than ${maxOutputsBytes} bytes, the limit by maxOutputsBytes`,
    );
    const targets = await findTargets(options, taken);
    const outputs = targets.map((target) => new Output(target, budget));
    return new OpenCopies(given, outputs, options.outputsAlways === true);
  }

  /** @throws {EndpointError} if a file cannot be read or written. */
  async copyIn(files: RemoteFiles): Promise<void> {
    for (const base of ["root", "private"] as const) {
      const content = this.#given[base];
      if (content.length === 0) continue;
      await files.unpack(packGiven(content), base).catch((error) => {
        throw new EndpointError(`cannot copy files in: ${messageOf(error)}`, "source", error);
      });
    }
  }

  /**
   * After a failure of the command this throws nothing: `commit` and `abort` report what was lost.
   *
   * @throws {EndpointError} if the command has succeeded and an output is missing or cannot be
   * copied.
   */
  async copyOut(files: RemoteFiles, end: ExitStatus): Promise<void> {
    // A command whose reader has gone may be part of a run that succeeds.
    const hasFailed = end.code !== 0 && end.signal !== "SIGPIPE";
    if (hasFailed && !this.#always) return;
    for (const output of this.#outputs) {
      try {
        await output.take(files.pack(output.place.path));
      } catch (error) {
        if (!hasFailed) throw error;
        if (isMissing(error)) continue;
        if (this.#lost === undefined) this.#lost = error;
        else attachTeardownError(this.#lost, error);
      }
    }
  }

  /** Moves all outputs to their targets. @throws {EndpointError} if one cannot be copied or moved. */
  async commit(): Promise<void> {
    let failure = this.#lost;
    for (const output of this.#outputs) {
      try {
        await (failure === undefined || this.#always ? output.commit() : output.abort());
      } catch (error) {
        if (failure === undefined) failure = error;
        else attachTeardownError(failure, error);
      }
    }
    if (failure !== undefined) throw failure;
  }

  /**
   * Discards the outputs, unless failures have outputs too.
   *
   * @throws {EndpointError} if such an output cannot be copied or moved.
   */
  async abort(): Promise<void> {
    if (this.#always) return await this.commit();
    for (const output of this.#outputs) await output.abort();
  }

  [Symbol.dispose](): void {}
}
