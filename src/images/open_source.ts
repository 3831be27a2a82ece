// Opens a source of any kind.

import { openDebianSource } from "./debian_source.ts";
import { openDockerSource } from "./docker_source.ts";
import { type ImageSource, parseImageSource } from "./image_source.ts";
import { openPathSource } from "./path_source.ts";
import { HOST_PLATFORM, parsePlatform } from "./platform.ts";
import { openRegistrySource } from "./registry_source.ts";
import type { RootSource, SourceOptions } from "./root_source.ts";

/**
 * Opens a source of a root and determines its identity. Large parts are fetched only when the root
 * is read.
 *
 * @param from a source as a user writes it, see `parseImageSource`, or a parsed one
 * @throws {TypeError} if `from` or an option is not valid.
 * @throws {Error} if the source is missing, damaged, or for another platform.
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
