// The source `outputs`, which gives the files that code made.

import { bytes, file, type Source, tar } from "../blocks/sources.ts";
import type { CodeOutputs } from "../model/code_result.ts";

/** The size of an empty archive: its end marker alone. */
const EMPTY_TAR_BYTES = 1024;

/**
 * Returns a source that gives a tar of the files that code created and changed: the archive at
 * `outputsTar` if there is one, else the files in `outputsDir`. `/workspace/a` is named
 * `workspace/a` in it. The archive is empty if the code made no files.
 *
 * @param result what `runCode` returned
 * @throws {TypeError} if the outputs were not extracted, or the disk could not be read.
 *
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
    throw new TypeError(`cannot take outputs: there are none: ${outputsFailure}`);
  }
  if (outputsTar !== null) return file(outputsTar);
  if (outputsDir !== null) return tar(".", { directory: `${outputsDir}/files` });
  if (outputMode === "none") {
    throw new TypeError('cannot take outputs: there are none: the code ran with output: "none"');
  }
  const made = artifacts.filter(({ change }) => change !== "deleted");
  if (made.length === leftOut.length) return bytes(new Uint8Array(EMPTY_TAR_BYTES));
  throw new TypeError("cannot take outputs: there are none: the code ran with outputsDir: false");
}
