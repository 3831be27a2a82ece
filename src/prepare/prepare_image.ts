// Preparing an image to run code on. What does it is loaded when it is first called.

import type { Image } from "./image.ts";
import type { PrepareOptions } from "./prepare_options.ts";

/**
 * Makes an image to run code on, once: the same inputs give the image that the cache has. A root becomes a
 * squashfs without a machine; packages, pip, files and commands run as root in a virtual machine on it,
 * never on this one, and what they made of it is the image. If that fails, or this process is killed,
 * there is no image. Two at once make it once.
 *
 * @throws {TypeError | RangeError} if an option is not what it should be.
 * @throws {RunnerError} if a machine cannot be had.
 * @throws {Error} if the source cannot be read, or a step fails: one line, and the end of its stderr.
 * @throws the reason of `options.signal`.
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
