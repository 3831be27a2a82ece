// What code made, as the start of a pipeline.

import { file, type Source, tar } from "../blocks/sources.ts";
import type { CodeOutputs } from "./code_result.ts";

/**
 * A tar of what code created and changed: the one that `outputsTar` asked for, else one of the files in
 * `outputsDir`. `/workspace/a` is `workspace/a` in it.
 *
 * @throws {TypeError} if nothing was taken out.
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
  { outputsDir, outputsTar, outputsFailure }: Pick<
    CodeOutputs,
    "outputsDir" | "outputsTar" | "outputsFailure"
  >,
): Source {
  if (outputsFailure !== null) {
    throw new TypeError(`Cannot take outputs as there are none: ${outputsFailure}`);
  }
  if (outputsTar !== null) return file(outputsTar);
  if (outputsDir !== null) return tar(".", { directory: `${outputsDir}/files` });
  throw new TypeError('Cannot take outputs as there are none: the code ran with output: "none"');
}
