// `runCode` runs untrusted code. The implementation is loaded when it is first called.

import type { Image } from "../prepare/image.ts";
import type { CodeResult } from "../model/code_result.ts";
import type { RunCodeOptions } from "./run_options.ts";

/**
 * Runs code once in its own virtual machine, on an image that it cannot change, and returns how it
 * ended, what it printed, and which files it created, changed and deleted. It runs in `/workspace`,
 * as root by default. It is never run a second time, whatever happens.
 *
 * Code that fails, reaches a limit, runs out of memory or crashes its machine is a result, not an
 * error.
 *
 * @param image made by `prepareImage`; or its name or key, or another source that `prepareImage`
 * takes as `from`, which is prepared first unless the cache has it
 * @param code the source text of a program in `options.language`
 * @param options limits, files and outputs
 * @throws {TypeError} if an option is invalid.
 * @throws {RangeError} if a number among the options is out of range.
 * @throws {RunnerError} if no machine can be started; the code has not run.
 * @throws {Error} if the image has been removed or cannot be prepared, a file cannot be read, or the place for outputs
 * cannot be written; the code has not run.
 * @throws {unknown} the reason of `options.signal`, if that is aborted.
 *
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
  image: Image | string,
  code: string,
  options: RunCodeOptions = {},
): Promise<CodeResult> {
  const { runOnImage } = await import("./run_on_image.ts");
  return await runOnImage(image, code, options);
}
