// What code made, as the start of a pipeline.

import { bytes, file, type Source, tar } from "../blocks/sources.ts";
import type { CodeOutputs } from "./code_result.ts";

/** The end of an archive, and nothing before it. */
const EMPTY_TAR_BYTES = 1024;

/**
 * A tar of what code created and changed: the one that `outputsTar` asked for, else one of the files in
 * `outputsDir`. `/workspace/a` is `workspace/a` in it. It is empty if the code made nothing.
 *
 * @throws {TypeError} if nothing was to be taken out, or the disk could not be read.
 * @example
 * ```ts
 * import { cmd, outputs, prepareImage, runCode } from "@execvm/execvm";
 *
 * async function example(): Promise<void> {
 *   const image = await prepareImage({ from: "docker:python:3.12-slim" });
 *   const result = await runCode(image, "open('a', 'w')", { outputsTar: "made.tar" });
 *   await outputs(result).pipe(cmd("tar", "-t")).text(); // workspace/a
 * }
 * ```
 */
export function outputs(
  { outputMode = "none", outputsDir, outputsTar, outputsFailure, artifacts = [], leftOut = [] }:
    & Pick<CodeOutputs, "outputsDir" | "outputsTar" | "outputsFailure">
    & Partial<Pick<CodeOutputs, "outputMode" | "artifacts" | "leftOut">>,
): Source {
  if (outputsFailure !== null) {
    throw new TypeError(`Cannot take outputs as there are none: ${outputsFailure}`);
  }
  if (outputsTar !== null) return file(outputsTar);
  if (outputsDir !== null) return tar(".", { directory: `${outputsDir}/files` });
  if (outputMode === "none") {
    throw new TypeError('Cannot take outputs as there are none: the code ran with output: "none"');
  }
  const made = artifacts.filter(({ change }) => change !== "deleted");
  if (made.length === leftOut.length) return bytes(new Uint8Array(EMPTY_TAR_BYTES));
  throw new TypeError("Cannot take outputs as there are none: the code ran with outputsDir: false");
}
