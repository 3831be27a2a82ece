// Temporary files for buffered output.

import { whereFull } from "../host/fault.ts";
import { makeTempFolder } from "../host/temp_folder.ts";

type Bytes = Uint8Array;

/** How many bytes are read at once. */
const CHUNK_BYTES = 64 << 10;

/** A folder of temporary files, which is made with the first one and removed when disposed. */
export class SpoolFolder implements AsyncDisposable {
  #path: string | undefined;
  #cleanup: Disposable | undefined;
  #count = 0;

  /** Creates an empty file, which the caller owns. */
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

/** A file that is first written, then read. Disposing closes and removes it. */
export class SpoolFile implements AsyncDisposable {
  readonly #path: string;
  #writer: Deno.FsFile | undefined;
  /** Bytes in the file. */
  size = 0;

  private constructor(path: string, writer: Deno.FsFile) {
    this.#path = path;
    this.#writer = writer;
  }

  /** Creates a file. @throws {Deno.errors} if that fails. */
  static async create(path: string): Promise<SpoolFile> {
    return new SpoolFile(
      path,
      await Deno.open(path, { write: true, createNew: true, mode: 0o600 }),
    );
  }

  /**
   * Appends a whole chunk.
   *
   * @throws {Deno.errors} if it cannot be written, such as to a full disk.
   */
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

  /** Yields the contents. Nothing can be appended afterwards. */
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

  /** Closes the descriptor for writing, because very many files may wait for their turn. */
  closeWriter(): void {
    this.#writer?.close();
    this.#writer = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closeWriter();
    await Deno.remove(this.#path);
  }
}
