// Reads, in place, a tar that contains an image: an OCI layout, or the output of `docker save`.

import { posix } from "node:path";
import { ByteReader } from "../archive/byte_reader.ts";
import { entryPath } from "../archive/entry_path.ts";
import { readTar } from "../archive/read_tar.ts";
import { whereFull } from "../host/fault.ts";
import { scratchFolder } from "../host/scratch_folder.ts";
import { compressionOf, decompressed, MAGIC_BYTES } from "./decompress.ts";
import { readSlice, type Slice } from "./file_slice.ts";
import type { ImageFiles } from "./oci_layout.ts";

/** The folders that image archives of any tool have; a root has others. */
const IN_FOLDERS = /^(?:|blobs(?:\/.*)?|ingest|[0-9a-f]{64}(?:\/.*)?)$/;

/**
 * A tar with more members is taken for a root: an image has at most 127 layers, though an archive
 * may contain many images.
 */
const MAX_MEMBERS = 16 * 1024;
const MAX_NAME_BYTES = 16 << 20;

/** The maximum length of a chain of links, which old archives of `docker save` have. */
const MAX_LINKS = 8;

/** The members of an archive by name; each can be opened any number of times. */
export interface ImageArchive extends ImageFiles, AsyncDisposable {}

interface Members {
  readonly files: ReadonlyMap<string, Slice>;
  readonly links: ReadonlyMap<string, string>;
}

/**
 * Opens a tar file, compressed or not, as an image archive; undefined if it cannot contain an
 * image. Members are read in place; a compressed archive is first decompressed to a temporary file,
 * which disposing removes.
 *
 * @throws {ArchiveError} if the tar is damaged.
 */
export async function openImageArchive(path: string): Promise<ImageArchive | undefined> {
  const members = await listMembers(path);
  if (members === undefined) return undefined;
  return new TarArchive(path, members);
}

class TarArchive implements ImageArchive {
  readonly #path: string;
  readonly #members: Members;
  readonly #stack = new AsyncDisposableStack();
  #plain: Promise<string> | undefined;

  constructor(path: string, members: Members) {
    this.#path = path;
    this.#members = members;
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  async open(name: string): Promise<ReadableStream<Uint8Array>> {
    const slice = this.#require(name);
    return readSlice(await (this.#plain ??= this.#decompress()), slice);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#plain?.catch(() => {}); // do not remove it while it is written
    await this.#stack[Symbol.asyncDispose]();
  }

  #require(name: string): Slice {
    const slice = this.#find(name);
    if (slice === undefined) throw new Error(`there is no ${name} in the archive`);
    return slice;
  }

  #find(name: string, links = 0): Slice | undefined {
    const target = this.#members.links.get(name);
    if (target === undefined || links > MAX_LINKS) return this.#members.files.get(name);
    return this.#find(target, links + 1);
  }

  async #decompress(): Promise<string> {
    if (compressionOf(await startOf(this.#path)) === "none") return this.#path;
    const folder = this.#stack.use(await scratchFolder());
    const plain = `${folder.path}/archive.tar`;
    const file = await Deno.open(plain, { write: true, createNew: true });
    await decompressed((await Deno.open(this.#path)).readable).pipeTo(file.writable).catch(
      (error) => {
        throw whereFull(error, JSON.stringify(plain));
      },
    );
    return plain;
  }
}

/** The first bytes of a file. */
async function startOf(path: string): Promise<Uint8Array> {
  return await new Response(readSlice(path, { offset: 0, size: MAGIC_BYTES })).bytes();
}

/**
 * Lists the members if all of them have names as in an image; undefined at the first that does not.
 */
async function listMembers(path: string): Promise<Members | undefined> {
  const bytes = new ByteReader(decompressed((await Deno.open(path)).readable));
  const files = new Map<string, Slice>();
  const links = new Map<string, string>();
  let count = 0;
  let nameBytes = 0;
  try {
    for await (const { header } of readTar(bytes)) {
      nameBytes += 2 * (header.name.length + header.linkName.length);
      if (++count > MAX_MEMBERS || nameBytes > MAX_NAME_BYTES) return undefined;
      if (header.name.startsWith("/")) return undefined;
      const name = entryPath(header.name);
      const { type, linkName, size } = header;
      // Any file may be at the top of an image archive, such as a README; a root has folders.
      const isOnTop = type !== "directory" && !name.includes("/");
      if (!isOnTop && !IN_FOLDERS.test(name)) return undefined;
      if (type === "file") files.set(name, { offset: bytes.position, size });
      if (type === "link") links.set(name, entryPath(linkName));
      if (type === "symlink") links.set(name, posix.join(posix.dirname(name), linkName));
    }
  } finally {
    await bytes.cancel();
  }
  return { files, links };
}
