/** Packs files and directories into a tar archive, as a stream. */

import { openWord } from "../libc/odd_names.ts";
import { ChunkBuilder } from "./chunk_builder.ts";
import { encodeTarHeader } from "./encode_tar_header.ts";
import { eventLoopTurn } from "./event_loop_turn.ts";
import { listMembers, memberName, memberPath, packing } from "./list_members.ts";
import { type HeaderOptions, memberHeader } from "./member_header.ts";
import { pullStream } from "./pull_stream.ts";
import { readFileChunks, shrunkFile } from "./read_file_chunks.ts";
import { BLOCK_BYTES, paddingBytes, type TarHeader } from "./tar_format.ts";

/** Options of {@linkcode packTar}. */
export interface PackOptions extends HeaderOptions {
  /** The directory that relative paths start from, as `tar -C`; by default the current one. */
  readonly directory?: string;
}

// Up to this size a synchronous read is cheaper than a round trip through the event loop.
const SMALL_FILE_BYTES = 256 * 1024;
// At some 20 us each they block the event loop for a few milliseconds.
const MEMBERS_PER_TURN = 256;
/** The mode of files that are given as bytes. */
const BYTES_MODE = 0o644;

/**
 * Packs `paths` into a tar archive: ustar, with pax headers where a name or a number needs one.
 *
 * Directories are packed with their content, sorted by name. Names become relative as in GNU tar: a
 * leading `/` and everything up to the last `..` are dropped. Symlinks are packed as such; further
 * names of a file become hard links; sockets are left out. Names are bytes; without FFI they have
 * to be UTF-8. Mtimes are whole seconds, owners are numbers only.
 *
 * Nothing is opened before the first read. Chunks have up to 1 MiB; boundaries mean nothing; the
 * consumer owns each chunk. Only one chunk of a large file is read ahead. Cancelling closes all
 * open files. A file that grows in the meantime is packed at its first size.
 *
 * @throws {ArchiveError} from the stream if a path is missing or unreadable, or a file shrinks
 * @example
 * ```ts
 * import { packTar } from "./pack_tar.ts";
 * const archive = await Deno.create(await Deno.makeTempFile());
 * await packTar(["hostname"], { directory: "/etc" }).pipeTo(archive.writable);
 * ```
 */
export function packTar(
  paths: readonly string[],
  options: PackOptions = {},
): ReadableStream<Uint8Array> {
  const named = paths.map((path) => ({
    path: memberPath(path, options.directory),
    name: memberName(path),
  }));
  return pullStream(archiveChunks(named, options));
}

/** What to pack under a name that is given: a file or directory on disk, or the content of a file. */
export type NamedContent =
  | { readonly name: string; readonly path: string }
  | { readonly name: string; readonly bytes: Uint8Array };

/**
 * As {@linkcode packTar}, with names that differ from the paths. A path that is a symlink is packed
 * as such; bytes become a file of mode 0644 that is dated now.
 *
 * @throws {ArchiveError} from the stream as `packTar` does
 */
export function packNamed(
  content: readonly NamedContent[],
  options: HeaderOptions = {},
): ReadableStream<Uint8Array> {
  return pullStream(archiveChunks([...content], options));
}

/**
 * Checks that each of `paths` exists and can be read, so that a caller can fail before it starts
 * anything. Does not check what is below directories.
 *
 * @throws {ArchiveError} if one does not; the message names the first
 */
export async function checkTarPaths(
  paths: readonly string[],
  options: Pick<PackOptions, "directory"> = {},
): Promise<void> {
  for (const path of paths.map((path) => memberPath(path, options.directory))) {
    const stat = packing(path, () => Deno.lstatSync(path));
    // By opening it, since permission bits do not account for root, ACLs or mounts.
    if (stat.isFile) packing(path, () => Deno.openSync(path).close());
    if (stat.isDirectory) packing(path, () => Deno.readDirSync(path));
    await eventLoopTurn();
  }
}

async function* archiveChunks(
  content: readonly NamedContent[],
  options: HeaderOptions,
): AsyncGenerator<Uint8Array> {
  const builder = new ChunkBuilder();
  let members = 0;
  for (const { source, header } of entries(content, options)) {
    const head = encodeTarHeader(header);
    const isSmall = header.size <= SMALL_FILE_BYTES;
    const body = isSmall ? header.size + paddingBytes(header.size) : 0;
    if (builder.room < head.length + body) {
      yield builder.take();
      await eventLoopTurn();
    }
    yield* appendAll(builder, head);
    if (typeof source !== "string") {
      yield* appendAll(builder, source);
    } else if (isSmall) {
      readSmallFile(source, builder.reserve(header.size));
    } else {
      yield builder.take();
      yield* readFileChunks(source, header.size);
    }
    builder.appendZeros(paddingBytes(header.size));
    if (++members % MEMBERS_PER_TURN === 0) await eventLoopTurn();
  }
  if (builder.room < 2 * BLOCK_BYTES) yield builder.take();
  builder.appendZeros(2 * BLOCK_BYTES);
  yield builder.take();
}

/** The header of each entry, and its bytes or the path of its file. */
function* entries(
  content: readonly NamedContent[],
  options: HeaderOptions,
): Generator<{ source: string | Uint8Array; header: TarHeader }> {
  const firstNames = new Map<string, string>();
  for (const each of content) {
    if ("bytes" in each) {
      yield { source: each.bytes, header: bytesHeader(each, options) };
      continue;
    }
    for (const member of listMembers(each.path, each.name)) {
      yield { source: member.path, header: memberHeader(member, firstNames, options) };
    }
  }
}

function bytesHeader(
  { name, bytes }: { readonly name: string; readonly bytes: Uint8Array },
  { owner, mtime = Math.floor(Date.now() / 1000) }: HeaderOptions,
): TarHeader {
  const { uid, gid } = owner ?? { uid: 0, gid: 0 };
  const rest = { linkName: "", mtime, major: 0, minor: 0 };
  return { type: "file", name, mode: BYTES_MODE, uid, gid, size: bytes.length, ...rest };
}

function* appendAll(builder: ChunkBuilder, bytes: Uint8Array): Generator<Uint8Array> {
  for (let done = builder.append(bytes); done < bytes.length;) {
    yield builder.take();
    done += builder.append(bytes.subarray(done));
  }
}

function readSmallFile(path: string, space: Uint8Array): void {
  if (space.length === 0) return;
  using file = packing(path, () => openWord(path));
  for (let filled = 0; filled < space.length;) {
    const count = packing(path, () => file.readSync(space.subarray(filled)));
    if (count === null) throw shrunkFile(path, filled, space.length);
    filled += count;
  }
}
