// A tar of a root as an image that can be mounted: a squashfs, made by sqfstar while the tar comes.

import { writeAside } from "../../guest-build/write_aside.ts";
import { ByteReader } from "../archive/byte_reader.ts";
import { pullStream } from "../archive/pull_stream.ts";
import { readTar } from "../archive/read_tar.ts";
import type { TarHeader } from "../archive/tar_format.ts";
import { manifestPath, writeManifest } from "./manifest.ts";
import { type Program, runProgram } from "./program.ts";
import { openRootTar } from "./root_tar.ts";
import { RootEntries } from "./root_entries.ts";

/** How far packing is. */
export interface PackProgress {
  /** Of the tar, so far. */
  readonly bytes: number;
  /** Names, so far. */
  readonly entries: number;
}

/** How to pack. */
export interface PackRootOptions {
  /** Hears of each piece that has passed. */
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
 * are. Folders that it lacks are made as 0755 of root. `tar` is owned: read to its end or cancelled.
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
  const root = new RootEntries();
  const manifest = manifestPath(path);
  try {
    await writeAside(path, (image) =>
      writeAside(manifest, async (aside) => {
        await pack(bytes, root, image, options);
        await writeManifest(aside, root.manifest());
      }));
  } catch (error) {
    await bytes.cancel(error);
    throw error;
  }
  return { image: path, manifest, entries: root.size };
}

async function pack(
  bytes: ByteReader,
  root: RootEntries,
  image: string,
  { onProgress = () => {}, signal }: PackRootOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const { header, chunks } = await openRootTar(readTar(bytes), root, () => {
    onProgress({ bytes: bytes.position, entries: root.size });
  });
  const input = pullStream(chunks, (reason) => bytes.cancel(reason));
  await runProgram(sqfstar(image, header), { input, signal });
}

/** lz4: images are read far more often than made, by guests whose processor may be emulated. */
function sqfstar(image: string, { mode, uid, gid, mtime }: TarHeader): Program {
  const rootTime = Math.max(0, Math.min(Math.floor(mtime), 0xffffffff));
  return {
    argv: [
      "sqfstar",
      ...["-quiet", "-no-progress", "-exit-on-error", "-comp", "lz4", "-mkfs-time", "0"],
      ...["-root-mode", mode.toString(8), "-root-uid", `${uid}`, "-root-gid", `${gid}`],
      ...["-root-time", `${rootTime}`, image],
    ],
    install: "apt-get install squashfs-tools (4.5 or newer)",
  };
}
