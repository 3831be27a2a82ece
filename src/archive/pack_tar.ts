/** Packs files and directories into a tar archive, as a stream. */

import { openWord } from "../libc/odd_names.ts";
import { ChunkBuilder } from "./chunk_builder.ts";
import { encodeTarHeader } from "./encode_tar_header.ts";
import { eventLoopTurn } from "./event_loop_turn.ts";
import { listMembers, type Member, memberName, memberPath, packing } from "./list_members.ts";
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
  return pullStream(archiveChunks([...paths], options));
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
  paths: readonly string[],
  options: PackOptions,
): AsyncGenerator<Uint8Array> {
  const builder = new ChunkBuilder();
  let members = 0;
  for (const { member, header } of entries(paths, options)) {
    const head = encodeTarHeader(header);
    const isSmall = header.size <= SMALL_FILE_BYTES;
    const body = isSmall ? header.size + paddingBytes(header.size) : 0;
    if (builder.room < head.length + body) {
      yield builder.take();
      await eventLoopTurn();
    }
    yield* appendAll(builder, head);
    if (isSmall) {
      readSmallFile(member.path, builder.reserve(header.size));
    } else {
      yield builder.take();
      yield* readFileChunks(member.path, header.size);
    }
    builder.appendZeros(paddingBytes(header.size));
    if (++members % MEMBERS_PER_TURN === 0) await eventLoopTurn();
  }
  if (builder.room < 2 * BLOCK_BYTES) yield builder.take();
  builder.appendZeros(2 * BLOCK_BYTES);
  yield builder.take();
}

function* entries(
  paths: readonly string[],
  options: PackOptions,
): Generator<{ member: Member; header: TarHeader }> {
  const firstNames = new Map<string, string>();
  for (const path of paths) {
    for (const member of listMembers(memberPath(path, options.directory), memberName(path))) {
      yield { member, header: memberHeader(member, firstNames, options) };
    }
  }
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
