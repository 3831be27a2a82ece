/** Turns a tar archive into a newc cpio archive, as the kernel takes for an initramfs. */
import type { BytePair } from "./byte_pair.ts";
import { ByteReader } from "./byte_reader.ts";
import { ChunkBuilder } from "./chunk_builder.ts";
import { cpioPadding, encodeCpioHeader, TRAILER } from "./cpio_header.ts";
import { CpioNames } from "./cpio_names.ts";
import { eventLoopTurn } from "./event_loop_turn.ts";
import { pullStream } from "./pull_stream.ts";
import { readTar, type TarEntry } from "./read_tar.ts";

// An archive is a multiple of this, as cpio(1) writes it.
const ARCHIVE_BLOCK_BYTES = 512;
// No disk is waited for here, so chunks pile up until the garbage collector comes round: with 1 MiB
// each that was 100 MiB more, and no faster.
const CHUNK_BYTES = 64 * 1024;
const ZEROS = new Uint8Array(CHUNK_BYTES);

/**
 * Takes a tar archive at `writable` and gives a newc cpio archive at `readable`.
 *
 * A leading `/` or `./` is dropped from names; parents that the tar lacks are added as 0755, owned by
 * root. Hard links become entries of the same inode number without content; holes become zeros;
 * mtimes are cut to 0 .. 2^32-1. The same tar always gives the same bytes.
 *
 * Chunks of up to 64 KiB; boundaries mean nothing on both sides; the consumer owns each chunk. Memory
 * grows with the number of entries, not with their sizes. What is written waits until it is read.
 *
 * The kernel needs 4 KiB for each file while it unpacks, since each might have further names.
 *
 * @throws {ArchiveError} from both ends if the tar is malformed or cut short, or if an entry cannot
 *   be held: 4 GiB or more, a name with `..`, a name or target over 4095 bytes
 * @example
 * ```ts
 * import { packTar } from "./pack_tar.ts";
 * import { tarToCpio } from "./tar_to_cpio.ts";
 * const initrd = await Deno.create(await Deno.makeTempFile());
 * await packTar(["/etc/hostname"]).pipeThrough(tarToCpio()).pipeTo(initrd.writable);
 * ```
 */
export function tarToCpio(): BytePair {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const bytes = new ByteReader(readable);
  return {
    readable: pullStream(cpioChunks(bytes), (reason) => bytes.cancel(reason)),
    writable,
  };
}

async function* cpioChunks(bytes: ByteReader): AsyncGenerator<Uint8Array> {
  try {
    const archive = new CpioArchive();
    for await (const entry of readTar(bytes)) yield* archive.entry(entry);
    yield* archive.end();
  } catch (error) {
    // Tells the writing side too, which would else wait for good.
    await bytes.cancel(error);
    throw error;
  }
}

/** The bytes of one cpio archive, collected into chunks. */
class CpioArchive {
  readonly #builder = new ChunkBuilder(CHUNK_BYTES);
  readonly #names = new CpioNames();
  #length = 0;

  async *entry({ header, data }: TarEntry): AsyncGenerator<Uint8Array> {
    for (const { header: cpio, linkName } of this.#names.add(header)) {
      yield* this.#append(encodeCpioHeader(cpio));
      if (linkName !== "" && cpio.size > 0) yield* this.#append(new TextEncoder().encode(linkName));
    }
    if (header.type === "file") {
      let position = 0;
      for await (const { offset, bytes } of data()) {
        yield* this.#zeros(offset - position);
        yield* this.#append(bytes);
        position = offset + bytes.length;
      }
      yield* this.#zeros(header.size - position);
    }
    yield* this.#zeros(cpioPadding(this.#length));
  }

  async *end(): AsyncGenerator<Uint8Array> {
    const none = { ino: 0, mode: 0, uid: 0, gid: 0, mtime: 0, size: 0, major: 0, minor: 0 };
    yield* this.#append(encodeCpioHeader({ ...none, name: TRAILER, nlink: 1 }));
    const over = this.#length % ARCHIVE_BLOCK_BYTES;
    if (over > 0) yield* this.#zeros(ARCHIVE_BLOCK_BYTES - over);
    if (!this.#builder.isEmpty) yield this.#builder.take();
  }

  async *#append(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    this.#length += bytes.length;
    for (let done = this.#builder.append(bytes); done < bytes.length;) {
      yield this.#builder.take();
      await eventLoopTurn();
      done += this.#builder.append(bytes.subarray(done));
    }
  }

  async *#zeros(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; left -= ZEROS.length) {
      yield* this.#append(ZEROS.subarray(0, left));
    }
  }
}
