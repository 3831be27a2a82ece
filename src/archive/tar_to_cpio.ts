/** Converts a tar archive into a newc cpio archive, the format of an initramfs. */
import type { BytePair } from "./byte_pair.ts";
import { ByteReader } from "./byte_reader.ts";
import { ChunkWriter } from "./chunk_writer.ts";
import { cpioPadding, encodeCpioHeader, TRAILER } from "./cpio_header.ts";
import { CpioNames } from "./cpio_names.ts";
import { encodeName } from "./decode_name.ts";
import { TAR_LIMITS, type TarLimits } from "./limits.ts";
import { pullStream } from "./pull_stream.ts";
import { readTar, type TarEntry } from "./read_tar.ts";

// cpio(1) pads archives to a multiple of this.
const ARCHIVE_BLOCK_BYTES = 512;
/** The longest padding of a part. */
const PADDING = new Uint8Array(3);

/**
 * Converts a tar archive into a newc cpio archive.
 *
 * Names are bytes. A leading `/` or `./` is dropped from them; parents that the tar lacks are added
 * with mode 0755, owned by root. Hard links become entries with the same inode number and no
 * content; holes become zeros; mtimes are clamped to 0 .. 2^32-1. The same tar always gives the
 * same bytes.
 *
 * Output chunks have up to 64 KiB; boundaries mean nothing on either side; the consumer owns each
 * chunk. Memory grows with the number of entries up to a limit, not with their sizes. Writes wait
 * until the output is read.
 *
 * The kernel needs 4 KiB for each file while it unpacks, since each might have further names.
 *
 * @param limits on the memory that the archive may take
 * @throws {ArchiveError} from both ends if the tar is malformed or cut short, or if cpio cannot
 *   represent an entry: 4 GiB or more, a name with `..`, a name or target over 4095 bytes
 * @example
 * ```ts
 * import { packTar } from "./pack_tar.ts";
 * import { tarToCpio } from "./tar_to_cpio.ts";
 * const initrd = await Deno.create(await Deno.makeTempFile());
 * await packTar(["/etc/hostname"]).pipeThrough(tarToCpio()).pipeTo(initrd.writable);
 * ```
 */
export function tarToCpio(limits: TarLimits = TAR_LIMITS): BytePair {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const bytes = new ByteReader(readable);
  return {
    readable: pullStream(cpioChunks(bytes, limits), (reason) => bytes.cancel(reason)),
    writable,
  };
}

async function* cpioChunks(bytes: ByteReader, limits: TarLimits): AsyncGenerator<Uint8Array> {
  try {
    using archive = new CpioArchive(limits);
    for await (const entry of readTar(bytes, { limits })) yield* archive.entry(entry);
    yield* archive.end();
  } catch (error) {
    // Fails the writing side too, which would otherwise wait forever.
    await bytes.cancel(error);
    throw error;
  }
}

/** The bytes of one cpio archive, collected into chunks. */
class CpioArchive implements Disposable {
  readonly #chunks = new ChunkWriter();
  readonly #names: CpioNames;

  constructor(limits: TarLimits) {
    this.#names = new CpioNames(limits);
  }

  async *entry({ header, data }: TarEntry): AsyncGenerator<Uint8Array> {
    for (const { header: cpio, linkName } of this.#names.add(header)) {
      const head = encodeCpioHeader(cpio);
      if (!this.#chunks.appendWithin(head)) yield* this.#chunks.append(head);
      if (linkName !== "" && cpio.size > 0) {
        yield* this.#chunks.append(encodeName(linkName));
      }
    }
    if (header.type === "file" && header.size > 0) {
      let position = 0;
      for await (const { offset, bytes } of data()) {
        yield* this.#chunks.zeros(offset - position);
        yield* this.#chunks.append(bytes);
        position = offset + bytes.length;
      }
      yield* this.#chunks.zeros(header.size - position);
    }
    const padding = PADDING.subarray(0, cpioPadding(this.#chunks.length));
    if (!this.#chunks.appendWithin(padding)) yield* this.#chunks.append(padding);
  }

  [Symbol.dispose](): void {
    this.#names[Symbol.dispose]();
  }

  async *end(): AsyncGenerator<Uint8Array> {
    const none = { ino: 0, mode: 0, uid: 0, gid: 0, mtime: 0, size: 0, major: 0, minor: 0 };
    yield* this.#chunks.append(encodeCpioHeader({ ...none, name: TRAILER, nlink: 1 }));
    const over = this.#chunks.length % ARCHIVE_BLOCK_BYTES;
    if (over > 0) yield* this.#chunks.zeros(ARCHIVE_BLOCK_BYTES - over);
    yield* this.#chunks.end();
  }
}
