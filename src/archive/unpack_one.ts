/** Unpacks an untrusted tar archive of one file or one directory, under a new name. */
import { resolve } from "node:path";
import { ArchiveError } from "./archive_error.ts";
import { ByteReader } from "./byte_reader.ts";
import { entryPath } from "./entry_path.ts";
import { readTar, type TarEntry } from "./read_tar.ts";
import { look, StagedTree } from "./staged_tree.ts";
import { openStaging } from "./staging.ts";
import type { TarHeader } from "./tar_format.ts";
import { unpackEntries, type UnpackOptions, unregistered } from "./unpack_tar.ts";

/** The name of a file while it is staged. */
const STAGED = "file";

/**
 * Unpacks what the first entry of `archive` is to `target`, whatever its name. All other entries
 * must be below it.
 *
 * A directory is unpacked as by `unpackTar`. A file replaces a file at `target`, or with links
 * followed the one that it leads to, by one rename; where a directory exists, the file is put into
 * that under the name `fileName`. Nothing else can be unpacked: not a symlink, a device or a fifo.
 *
 * This owns `archive`: it is read to its end, or cancelled.
 *
 * @param options see `unpackTar`, and the name of a file in an existing directory
 * @throws {ArchiveError} and others as `unpackTar` does
 */
export async function unpackOne(
  archive: ReadableStream<Uint8Array>,
  target: string,
  options: UnpackOptions & { readonly fileName: string },
): Promise<void> {
  const bytes = new ByteReader(archive);
  const { limits } = options;
  try {
    const entries = readTar(bytes, limits && { limits });
    const { value: first } = await entries.next();
    if (first === undefined) throw new ArchiveError("cannot unpack the archive: it has no entry");
    const whole = rebased(entries, first);
    if (first.header.type === "directory") await unpackEntries(whole, target, options);
    else await unpackFile(whole, target, options);
  } catch (error) {
    await bytes.cancel(error);
    throw error;
  }
}

/** Unpacks an archive of one file, whose name has become {@linkcode STAGED}. */
async function unpackFile(
  entries: AsyncIterable<TarEntry>,
  given: string,
  { fileName, limits, budget, onStaging = unregistered, beforePublish }: UnpackOptions & {
    readonly fileName: string;
  },
): Promise<void> {
  const target = fileTarget(given, fileName);
  const staging = openStaging(target, onStaging);
  try {
    const tree = new StagedTree(staging.path, { limits, budget });
    for await (const { header, data } of entries) {
      if (header.type !== "file") throw notOne(header, "it is neither a file nor a directory");
      await tree.add({ header, data });
    }
    await beforePublish?.();
    Deno.renameSync(`${staging.path}/${STAGED}`, fileTarget(target, fileName));
  } catch (error) {
    await staging.remove().catch(() => {}); // the first error is the one to report
    throw error;
  }
  await staging.remove();
}

/** Returns the path of the file to write, with links followed and existing directories entered. */
function fileTarget(given: string, fileName: string): string {
  const path = resolve(given);
  if (look(path) === undefined) return path;
  const real = Deno.realPathSync(path);
  if (!Deno.statSync(real).isDirectory) return real;
  const inside = `${real}/${fileName}`;
  if (look(inside)?.isDirectory !== true) return inside;
  throw new ArchiveError(
    `cannot unpack ${
      JSON.stringify(inside)
    }: only files may replace files: a directory exists there`,
  );
}

/** Yields all entries with names below that of the first one; that of a file becomes `STAGED`. */
async function* rebased(
  entries: AsyncIterable<TarEntry>,
  first: TarEntry,
): AsyncGenerator<TarEntry> {
  const base = entryPath(first.header.name);
  const isFolder = first.header.type === "directory";
  yield renamed(first, isFolder ? "." : STAGED);
  for await (const entry of entries) {
    if (!isFolder) throw notOne(entry.header, "the archive must have one file alone");
    const { name, linkName, type } = entry.header;
    const target = type === "link" ? below(base, linkName, entry.header) : linkName;
    yield renamed(entry, below(base, name, entry.header), target);
  }
}

function renamed({ header, data }: TarEntry, name: string, linkName = header.linkName): TarEntry {
  return { header: { ...header, name, linkName }, data };
}

function below(base: string, name: string, header: TarHeader): string {
  const path = entryPath(name);
  if (base === "") return path === "" ? "." : path;
  if (path === base) return ".";
  if (path.startsWith(`${base}/`)) return path.slice(base.length + 1);
  throw notOne(header, `it must be below ${JSON.stringify(base)}`);
}

function notOne({ name }: TarHeader, rule: string): ArchiveError {
  return new ArchiveError(
    `cannot unpack ${JSON.stringify(name)}: archives are not trusted: ${rule}`,
  );
}
