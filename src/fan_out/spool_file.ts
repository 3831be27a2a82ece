// Temporary files for what waits.

import { whereFull } from "../host/fault.ts";
import { makeTempFolder } from "../host/temp_folder.ts";

type Bytes = Uint8Array;

/** Bytes that are read at once. */
const CHUNK_BYTES = 64 << 10;

/** A folder of temporary files, made when the first one is wanted; gone when disposed. */
export class SpoolFolder implements AsyncDisposable {
  #path: string | undefined;
  #cleanup: Disposable | undefined;
  #count = 0;

  /** A new empty file, which is the caller's. */
  create(): Promise<SpoolFile> {
    this.#path ??= this.#make();
    return SpoolFile.create(`${this.#path}/${this.#count++}`);
  }

  #make(): string {
    const { path, cleanup } = makeTempFolder({ prefix: "execvm-each-" });
    this.#cleanup = cleanup;
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const path = this.#path;
    if (path === undefined) return;
    this.#path = undefined;
    await Deno.remove(path, { recursive: true });
    this.#cleanup?.[Symbol.dispose]();
  }
}

/** A file that is written to its end, then read. Disposing closes and removes it. */
export class SpoolFile implements AsyncDisposable {
  readonly #path: string;
  #writer: Deno.FsFile | undefined;
  /** Bytes in it. */
  size = 0;

  private constructor(path: string, writer: Deno.FsFile) {
    this.#path = path;
    this.#writer = writer;
  }

  /** @throws {Deno.errors} if it cannot be made. */
  static async create(path: string): Promise<SpoolFile> {
    return new SpoolFile(
      path,
      await Deno.open(path, { write: true, createNew: true, mode: 0o600 }),
    );
  }

  /** Adds all of a chunk. @throws {Deno.errors} if it cannot be written, such as to a full disk. */
  async append(chunk: Bytes): Promise<void> {
    try {
      for (let rest = chunk; rest.length > 0;) {
        rest = rest.subarray(await this.#writer!.write(rest));
      }
    } catch (error) {
      throw whereFull(error, JSON.stringify(this.#path));
    }
    this.size += chunk.length;
  }

  /** All of it, once nothing more is added. */
  async *read(): AsyncGenerator<Bytes> {
    this.closeWriter();
    using file = await Deno.open(this.#path);
    while (true) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const length = await file.read(chunk);
      if (length === null) return;
      yield chunk.subarray(0, length);
    }
  }

  /** Nothing more is added: gives the descriptor back, as very many may wait. */
  closeWriter(): void {
    this.#writer?.close();
    this.#writer = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closeWriter();
    await Deno.remove(this.#path);
  }
}
