// Opening a source, whatever it is.

import { openDebianSource } from "./debian_source.ts";
import { openDockerSource } from "./docker_source.ts";
import { type ImageSource, parseImageSource } from "./image_source.ts";
import { openPathSource } from "./path_source.ts";
import { HOST_PLATFORM, parsePlatform } from "./platform.ts";
import { openRegistrySource } from "./registry_source.ts";
import type { RootSource, SourceOptions } from "./root_source.ts";

/**
 * Opens a source of a root: finds out what it is, and what it is now. Large things are fetched only when
 * the root is read.
 *
 * @param from as a user writes it, see `parseImageSource`, or parsed
 * @throws {TypeError} if `from` or an option cannot be.
 * @throws {Error} if the source is not there, damaged, or for another platform.
 * @throws the reason of `options.signal`.
 * @example
 * ```ts
 * import { openSource } from "./open_source.ts";
 * import { packRoot } from "./pack_root.ts";
 *
 * async function example(): Promise<void> {
 *   await using source = await openSource("debian:bookworm");
 *   if (source.root.kind === "tar") await packRoot(source.root.open(), "/tmp/root.squashfs");
 * }
 * ```
 */
export async function openSource(
  from: string | ImageSource,
  options: SourceOptions = {},
): Promise<RootSource> {
  options.signal?.throwIfAborted();
  const { platform = HOST_PLATFORM, reference } = options;
  parsePlatform(platform);
  const source = typeof from === "string" ? parseImageSource(from) : from;
  switch (source.kind) {
    case "path":
      return await openPathSource(source.path, { platform, reference });
    case "docker":
      return await openDockerSource(source.name, options);
    case "registry":
      return await openRegistrySource(source.reference, options);
    case "debian":
      return openDebianSource(source.suite, options);
  }
}
