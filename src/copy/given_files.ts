// Checks the files of this machine that are copied to a command, and packs them.

import { checkTarPaths, type NamedContent, packNamed } from "../archive/pack_tar.ts";
import { faultOf } from "../host/fault.ts";
import { type CopiedFile, type CopyOptions, isRelative, placeOf } from "../model/copy_options.ts";
import { EndpointError } from "../model/errors.ts";

/** They belong to the user that unpacks them. */
const OWNER = { uid: 0, gid: 0 } as const;

/** What to pack below each folder. */
export interface GivenFiles {
  readonly root: readonly NamedContent[];
  readonly private: readonly NamedContent[];
}

/**
 * Finds the files to copy and checks that they can be read; of a folder, that it can be listed.
 *
 * @throws {EndpointError} if one is missing or cannot be read, or is neither a file nor a folder.
 */
export async function findGiven({ files = {} }: CopyOptions): Promise<GivenFiles> {
  const found = await Promise.all(
    Object.entries(files).map(async ([path, file]) => {
      const place = placeOf(path);
      return { place, content: await find(path, file, place.replace(/^\//, "")) };
    }),
  );
  const below = (isPrivate: boolean) =>
    found.filter(({ place }) => isRelative(place) === isPrivate).map(({ content }) => content);
  return { root: below(false), private: below(true) };
}

/** Returns a tar of the files; the stream fails if one cannot be read. */
export function packGiven(content: readonly NamedContent[]): ReadableStream<Uint8Array> {
  return packNamed(content, { owner: OWNER });
}

async function find(path: string, file: CopiedFile, name: string): Promise<NamedContent> {
  if (file instanceof Uint8Array) return { name, bytes: file };
  if (typeof file !== "string") return { name, bytes: Uint8Array.fromBase64(file.base64) };
  try {
    const real = await Deno.realPath(file);
    const { isFile, isDirectory } = await Deno.stat(real);
    if (!isFile && !isDirectory) throw new Error("it is neither a file nor a folder");
    await checkTarPaths([real]).catch((error) => {
      throw error.cause ?? error;
    });
    return { name, path: real };
  } catch (error) {
    throw new EndpointError(
      `cannot copy ${JSON.stringify(file)} to ${JSON.stringify(path)}: ${faultOf(error)}`,
      "source",
      error,
    );
  }
}
