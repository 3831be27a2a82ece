// Stores the lines of a growing manifest in a file, as each takes some 200 bytes.

const WINDOW_BYTES = 64 * 1024;
const LENGTH_BYTES = 4;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Lines in a file, found by their offset. The file is removed with its folder, by the owner of
 * that.
 */
export class ManifestLines implements Disposable {
  readonly #file: Deno.FsFile;
  /** Bytes that are not in the file yet. */
  readonly #pending = new Uint8Array(WINDOW_BYTES);
  #pendingBytes = 0;
  #written = 0;
  #window = { start: 0, bytes: new Uint8Array() };

  /** @param path of the file to make */
  constructor(path: string) {
    this.#file = Deno.openSync(path, { read: true, write: true, createNew: true });
  }

  /** Adds a line; returns its place, an offset from 0. */
  put(line: string): number {
    const text = encoder.encode(line);
    const place = this.#written + this.#pendingBytes;
    const record = new Uint8Array(LENGTH_BYTES + text.length);
    new DataView(record.buffer).setUint32(0, text.length);
    record.set(text, LENGTH_BYTES);
    if (this.#pendingBytes + record.length > WINDOW_BYTES) this.#flush();
    if (record.length > WINDOW_BYTES) {
      this.#write(record);
    } else {
      this.#pending.set(record, this.#pendingBytes);
      this.#pendingBytes += record.length;
    }
    return place;
  }

  /** The line at a place that {@linkcode put} has returned. */
  get(place: number): string {
    this.#flush();
    const length = this.#bytes(place, LENGTH_BYTES);
    const bytes = new DataView(length.buffer, length.byteOffset).getUint32(0);
    return decoder.decode(this.#bytes(place + LENGTH_BYTES, bytes));
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #flush(): void {
    this.#write(this.#pending.subarray(0, this.#pendingBytes));
    this.#pendingBytes = 0;
  }

  #write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#file.seekSync(this.#written, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    this.#written += bytes.length;
  }

  #bytes(place: number, count: number): Uint8Array {
    const at = place - this.#window.start;
    if (at >= 0 && at + count <= this.#window.bytes.length) {
      return this.#window.bytes.subarray(at, at + count);
    }
    const length = Math.min(Math.max(count, WINDOW_BYTES), this.#written - place);
    const bytes = new Uint8Array(length);
    this.#file.seekSync(place, Deno.SeekMode.Start);
    for (let done = 0; done < length;) {
      const read = this.#file.readSync(bytes.subarray(done));
      if (read === null) throw new Error("cannot read the manifest: its file is cut short");
      done += read;
    }
    this.#window = { start: place, bytes };
    return bytes.subarray(0, count);
  }
}
