// Stores records in a temporary file: what is kept of a million names takes no memory.

import { whereFull } from "../host/fault.ts";

const WINDOW_BYTES = 64 * 1024;
const LENGTH_BYTES = 4;

const encoder = new TextEncoder();

/**
 * Records of bytes, found by their place, an offset from 0. The file has no name from the start, so
 * nothing is left of it however this process ends; disposing closes it.
 */
export class RecordFile implements Disposable {
  readonly #file: Deno.FsFile;
  /** Bytes that are not in the file yet. */
  readonly #pending = new Uint8Array(WINDOW_BYTES);
  readonly #view = new DataView(this.#pending.buffer);
  #pendingBytes = 0;
  #written = 0;
  readonly #buffer = new Uint8Array(WINDOW_BYTES);
  #window = { start: 0, bytes: this.#buffer.subarray(0, 0) };

  constructor() {
    const path = Deno.makeTempFileSync({ prefix: "execvm-" });
    try {
      this.#file = Deno.openSync(path, { read: true, write: true });
    } finally {
      Deno.removeSync(path);
    }
  }

  /** The number of bytes of all records: the place of the next. */
  get size(): number {
    return this.#written + this.#pendingBytes;
  }

  /**
   * Adds a record, which consists of all parts; returns its place.
   *
   * @throws {Error} if the disk is full
   */
  put(...parts: readonly Uint8Array[]): number {
    const place = this.size;
    let length = 0;
    for (const part of parts) length += part.length;
    if (this.#pendingBytes + LENGTH_BYTES > WINDOW_BYTES) this.#flush();
    this.#view.setUint32(this.#pendingBytes, length);
    this.#pendingBytes += LENGTH_BYTES;
    for (const part of parts) this.#append(part);
    return place;
  }

  /** Adds a record of text as UTF-8, like {@linkcode put}. */
  putText(text: string): number {
    // A code unit takes at most three bytes.
    const most = LENGTH_BYTES + 3 * text.length;
    if (most > WINDOW_BYTES) return this.put(encoder.encode(text));
    if (this.#pendingBytes + most > WINDOW_BYTES) this.#flush();
    const place = this.size;
    const room = this.#pending.subarray(this.#pendingBytes + LENGTH_BYTES);
    const { written } = encoder.encodeInto(text, room);
    this.#view.setUint32(this.#pendingBytes, written);
    this.#pendingBytes += LENGTH_BYTES + written;
    return place;
  }

  /** The record at a place that {@linkcode put} has returned: a view, valid until the next call. */
  get(place: number): Uint8Array {
    const length = this.#bytes(place, LENGTH_BYTES);
    const count = new DataView(length.buffer, length.byteOffset).getUint32(0);
    return this.#bytes(place + LENGTH_BYTES, count);
  }

  /** The records between two places, in order: each a view, valid until the next. */
  *between(start: number, end: number): Generator<Uint8Array> {
    for (let place = start; place < end;) {
      const record = this.get(place);
      place += LENGTH_BYTES + record.length;
      yield record;
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #append(bytes: Uint8Array): void {
    if (this.#pendingBytes + bytes.length > WINDOW_BYTES) this.#flush();
    if (bytes.length > WINDOW_BYTES) return this.#write(bytes);
    this.#pending.set(bytes, this.#pendingBytes);
    this.#pendingBytes += bytes.length;
  }

  #flush(): void {
    this.#write(this.#pending.subarray(0, this.#pendingBytes));
    this.#pendingBytes = 0;
  }

  #write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    try {
      this.#file.seekSync(this.#written, Deno.SeekMode.Start);
      for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    } catch (error) {
      throw whereFull(error, "a temporary file");
    }
    this.#written += bytes.length;
  }

  #bytes(place: number, count: number): Uint8Array {
    const at = place - this.#window.start;
    if (at >= 0 && at + count <= this.#window.bytes.length) {
      return this.#window.bytes.subarray(at, at + count);
    }
    if (place + count > this.#written) this.#flush();
    const length = Math.min(Math.max(count, WINDOW_BYTES), this.#written - place);
    const bytes = length > WINDOW_BYTES ? new Uint8Array(length) : this.#buffer.subarray(0, length);
    this.#file.seekSync(place, Deno.SeekMode.Start);
    for (let done = 0; done < length;) {
      const read = this.#file.readSync(bytes.subarray(done));
      if (read === null) throw new Error("cannot read a temporary file: it is cut short");
      done += read;
    }
    this.#window = { start: place, bytes };
    return bytes.subarray(0, count);
  }
}
