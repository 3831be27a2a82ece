// One output of a command: unpacked next to its target, and moved there when the run has succeeded.

import { basename } from "node:path";
import type { DiskBudget } from "../archive/disk_budget.ts";
import { unpackOne } from "../archive/unpack_one.ts";
import { faultOf, whereFull } from "../host/fault.ts";
import { killWithUs } from "../host/watchdog.ts";
import { type OutputPath, refused } from "./output_target.ts";

/** An output. */
export class Output {
  /** Where it comes from and goes to. */
  readonly place: OutputPath;
  readonly #budget: DiskBudget;
  readonly #settled = Promise.withResolvers<void>();
  /** Resolves once it is at its target; `undefined` until it is taken. */
  #moved: Promise<void> | undefined;

  /** @param budget the disk space that this output may take, with others */
  constructor(place: OutputPath, budget: DiskBudget) {
    this.place = place;
    this.#budget = budget;
    this.#settled.promise.catch(() => {}); // it may reject before it is awaited
  }

  /**
   * Unpacks it next to its target.
   *
   * @param archive of the one file or folder, owned
   * @throws {EndpointError} if that fails; nothing is left then.
   */
  async take(archive: ReadableStream<Uint8Array>): Promise<void> {
    const { path, target } = this.place;
    const unpacked = Promise.withResolvers<void>();
    const moved = unpackOne(archive, target, {
      fileName: basename(path),
      budget: this.#budget,
      onStaging: (staging) => killWithUs({ path: staging }),
      beforePublish: () => (unpacked.resolve(), this.#settled.promise),
    });
    moved.catch(unpacked.reject);
    try {
      await unpacked.promise;
      this.#moved = moved;
    } catch (error) {
      throw this.#failure(whereFull(error, `at ${JSON.stringify(target)}`));
    }
  }

  /** Moves it to its target, if it was taken. @throws {EndpointError} if that fails. */
  async commit(): Promise<void> {
    this.#settled.resolve();
    await this.#moved?.catch((error) => {
      throw this.#failure(error);
    });
  }

  /** Removes what was unpacked; the target stays as it is. */
  async abort(): Promise<void> {
    this.#settled.reject(new Error("the run has failed"));
    await this.#moved?.catch(() => {});
  }

  #failure(error: unknown): Error {
    return refused(this.place.path, this.place.target, faultOf(error), error);
  }
}
