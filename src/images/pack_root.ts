// Packs a tar of a root into a squashfs image, made by sqfstar while the tar is read.

import { ByteReader } from "../archive/byte_reader.ts";
import { pullStream } from "../archive/pull_stream.ts";
import { readTar } from "../archive/read_tar.ts";
import { writeAside } from "../host/write_aside.ts";
import { manifestPath, writeManifest } from "./manifest.ts";
import { type Program, runProgram } from "./program.ts";
import { RecordFile } from "./record_file.ts";
import { RootEntries } from "./root_entries.ts";
import { rootTar } from "./root_tar.ts";
import { stampRoot } from "./stamp_root.ts";

/** The progress of packing. */
export interface PackProgress {
  /** Bytes of the tar so far. */
  readonly bytes: number;
  /** Names so far. */
  readonly entries: number;
}

/** Options of {@linkcode packRoot}. */
export interface PackRootOptions {
  /** Called after each entry. */
  readonly onProgress?: (progress: PackProgress) => void;
  /** Ends packing; no file is left. */
  readonly signal?: AbortSignal | undefined;
}

/** A packed image. */
export interface PackedRoot {
  readonly image: string;
  readonly manifest: string;
  /** The number of names in it. */
  readonly entries: number;
}

/**
 * Packs a tar of a root into the image `path`, and writes its manifest next to it. Both appear
 * complete, the image last, or not at all; existing ones are replaced. The same tar gives the same
 * bytes.
 *
 * Owners, modes with setuid, mtimes, devices, hard links and xattrs are those of the tar, whichever
 * user we are; mtimes are clamped to 1970 to 2106. Names are bytes. Missing folders are made with
 * mode 0755 and owner root.
 *
 * @param tar owned here: read to its end or cancelled
 * @throws {ArchiveError} if the tar is malformed, has a name twice, or one that leads out of the
 * root.
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
    using lines = new RecordFile();
    using root = new RootEntries(lines);
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
 * Makes the command. It uses lz4, as images are read far more often than made, by guests whose
 * processor may be emulated, and no compression for inodes and ids, which are few, so that
 * `stampRoot` can change them.
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
