// The builder `code`: a stage that runs code on a prepared image, as data.

import { Code } from "../blocks/code_block.ts";
import type { CodeNode } from "../model/nodes.ts";
import type { Image } from "../prepare/image.ts";
import { type CodeOptions, toCodeSettings } from "./code_options.ts";
import { codeRunner } from "./code_runner.ts";

/**
 * Returns a stage that runs code in its own virtual machine, whatever runner the pipeline is
 * run with. Its stdin is the output of the block before it, its stdout goes to the next block. The
 * files that it made are in `codeResult` of its stage in the result.
 *
 * The stage fails (`CommandError`) if the code exits with another status than 0, dies of a signal,
 * reaches its time limit (code 124), or takes its machine down or loses outputs that were asked for
 * (code 125). A `RunnerError` means that the code has not run.
 *
 * @param image made by `prepareImage`, or its name or key, or a source such as `debian:bookworm`,
 * which is prepared first; it is looked up when the pipeline runs
 * @param text the source text of a program in `options.language`
 * @param options limits, files and outputs; a pipeline has stdin, `signal` and `observer` itself
 * @throws {TypeError} if an option is unknown or invalid, or the image or text is not a string.
 * @throws {RangeError} if a number among the options is out of range.
 *
 * @example
 * ```ts
 * import { code, each, prepareImage } from "@execvm/execvm";
 *
 * async function example(): Promise<void> {
 *   const image = await prepareImage({ from: "docker:python:3.12-slim" });
 *   const program = "import sys; open('a', 'w').write(sys.argv[1]); print(len(sys.argv[1]))";
 *   const lengths = each(["one", "three"], (word, index) =>
 *     code(image, program, { args: [word], outputsDir: `out/${index}`, timeoutMs: 10_000 }));
 *   for await (const { item, status, output, result } of lengths.results()) {
 *     console.log(item, status, output.length, result?.stages[0]?.codeResult?.artifacts);
 *   }
 * }
 * ```
 */
export function code(image: Image | string, text: string, options: CodeOptions = {}): Code {
  return new Code(codeNode(image, text, options));
}

/** Returns the node of a stage that runs code. @throws {TypeError | RangeError} as `code`. */
export function codeNode(image: Image | string, text: string, options: CodeOptions): CodeNode {
  const name = typeof image === "string" ? image : image?.key;
  if (typeof name !== "string" || name === "") {
    throw new TypeError("cannot run code: the image must be an image, or its name");
  }
  if (typeof text !== "string") throw new TypeError("cannot run code: its text is not a string");
  return { type: "code", image: name, text, options: toCodeSettings(options), runner: codeRunner };
}
