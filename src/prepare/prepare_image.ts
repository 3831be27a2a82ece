// `prepareImage` makes an image to run code on. The implementation is loaded when it is first
// called.

import type { Image } from "./image.ts";
import type { PrepareOptions } from "./prepare_options.ts";

/**
 * Returns a root file system to run code on, or to give to `vm({ root })`. Equal inputs return the
 * cached image; concurrent calls make it once. Without steps a root is packed as a squashfs on this
 * machine. Steps (packages, pip, files, commands) run as root in a virtual machine, never on this
 * one, and their result is the image. If anything fails, or this process is killed, no image is
 * left.
 *
 * @param options the source of the root, and the steps
 * @throws {TypeError} if an option is invalid.
 * @throws {RangeError} if a number among the options is out of range.
 * @throws {RunnerError} if no machine can be started.
 * @throws {Error} if the source cannot be read, or a step fails; the message ends with the step's
 * stderr.
 * @throws {unknown} the reason of `options.signal`, if that is aborted.
 *
 * @example
 * ```ts
 * import { prepareImage } from "@execvm/execvm";
 *
 * async function example(): Promise<void> {
 *   const image = await prepareImage({
 *     from: "debian:bookworm",
 *     packages: ["python3"],
 *     network: true,
 *   });
 *   image.path;
 * }
 * ```
 */
export async function prepareImage(options: PrepareOptions): Promise<Image> {
  const { ensureImage } = await import("./ensure_image.ts");
  return await ensureImage(options);
}
