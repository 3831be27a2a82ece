// Running code that need not be trusted. What does it is loaded when it is first called.

import type { Image } from "../prepare/image.ts";
import type { CodeResult } from "./code_result.ts";
import type { RunCodeOptions } from "./run_options.ts";

/**
 * Runs code once, on an image that it cannot change, and tells how it ended, what it printed, and what it
 * created, changed and deleted. It has the machine to itself, as root unless told otherwise, in `/workspace`: what it does there
 * nobody else sees. It is never run again, whatever happens.
 *
 * That the code fails, is ended, runs out of memory, or takes its machine down with it is a result.
 *
 * @throws {TypeError | RangeError} if an option is not what it should be.
 * @throws {RunnerError} if there is no machine for it: it has not run.
 * @throws {Error} if the image is gone, a file cannot be read, or outputs cannot be put where they are to go:
 * it has not run.
 * @throws the reason of `options.signal`.
 * @example
 * ```ts
 * import { prepareImage, runCode } from "@execvm/execvm";
 *
 * async function example(): Promise<void> {
 *   const image = await prepareImage({ from: "docker:python:3.12-slim" });
 *   const { exitStatus, stdout, artifacts } = await runCode(image, "open('a', 'w'); print(1)", {
 *     timeoutMs: 10_000,
 *   });
 * }
 * ```
 */
export async function runCode(
  image: Image,
  code: string,
  options: RunCodeOptions = {},
): Promise<CodeResult> {
  const { runOnImage } = await import("./run_on_image.ts");
  return await runOnImage(image, code, options);
}
