// A tar of a root as an image that can be mounted: a squashfs, made by sqfstar while the tar comes.

import { ByteReader } from "../archive/byte_reader.ts";
import { pullStream } from "../archive/pull_stream.ts";
import { readTar } from "../archive/read_tar.ts";
import { scratchFolder } from "../host/scratch_folder.ts";
import { writeAside } from "../host/write_aside.ts";
import { manifestPath, writeManifest } from "./manifest.ts";
import { ManifestLines } from "./manifest_lines.ts";
import { type Program, runProgram } from "./program.ts";
import { RootEntries } from "./root_entries.ts";
import { rootTar } from "./root_tar.ts";
import { stampRoot } from "./stamp_root.ts";

/** How far packing is. */
export interface PackProgress {
  /** Of the tar, so far. */
  readonly bytes: number;
  /** Names, so far. */
  readonly entries: number;
}

/** How to pack. */
export interface PackRootOptions {
  /** Hears of it after each entry. */
  readonly onProgress?: (progress: PackProgress) => void;
  /** Ends it; nothing is left. */
  readonly signal?: AbortSignal | undefined;
}

/** An image that was packed. */
export interface PackedRoot {
  readonly image: string;
  readonly manifest: string;
  /** How many names are in it. */
  readonly entries: number;
}

/**
 * Makes the image `path` out of a tar of a root, and its manifest beside it. Both appear whole, the
 * image last, or not at all; they take the place of what was there. The same tar gives the same bytes.
 *
 * Owners, modes with setuid, mtimes, devices, hard links and xattrs are those of the tar, whoever we
 * are; mtimes before 1970 and after 2106 are cut to that. Names are bytes. Folders that it lacks are made as 0755 of root. `tar` is owned: read to its end or cancelled.
 *
 * @throws {ArchiveError} if the tar is malformed, has a name twice, or one that leads out of the root.
 * @throws {Error} if sqfstar is missing or fails.
 * @throws what `tar` fails with, and the reason of `signal`.
 */
export async function packRoot(
  tar: ReadableStream<Uint8Array>,
  path: string,
  options: PackRootOptions = {},
): Promise<PackedRoot> {
  const bytes = new ByteReader(tar);
  const manifest = manifestPath(path);
  try {
    await using folder = await scratchFolder();
    using lines = new ManifestLines(`${folder.path}/lines`);
    const root = new RootEntries(lines);
    await writeAside(path, (image) =>
      writeAside(manifest, async (aside) => {
        await pack(bytes, root, image, options);
        await writeManifest(aside, root.manifest());
      }));
    return { image: path, manifest, entries: root.size };
  } catch (error) {
    await bytes.cancel(error);
    throw error;
  }
}

async function pack(
  bytes: ByteReader,
  root: RootEntries,
  image: string,
  { onProgress = () => {}, signal }: PackRootOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const report = () => onProgress({ bytes: bytes.position, entries: root.size });
  const input = pullStream(
    rootTar(readTar(bytes), root, report),
    (reason) => bytes.cancel(reason),
  );
  await runProgram(sqfstar(image), { input, signal });
  stampRoot(image, root.root);
}

/**
 * lz4, as images are read far more often than made, by guests whose processor may be emulated; and for
 * the sake of `stampRoot` nothing at all for inodes and ids, which are few.
 */
function sqfstar(image: string): Program {
  return {
    argv: [
      ...["sqfstar", "-quiet", "-no-progress", "-exit-on-error"] as const,
      ...["-comp", "lz4", "-noI", "-mkfs-time", "0", image],
    ],
    install: "apt-get install squashfs-tools (4.5 or newer)",
  };
}
