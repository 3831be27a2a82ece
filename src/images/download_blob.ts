// Downloads a blob, and resumes an interrupted download.

import { createHash, type Hash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { messageOf } from "../model/errors.ts";
import type { Descriptor } from "./oci_schema.ts";
import { type RegistryClient, RegistryRefusal } from "./registry_client.ts";

/** Options of a download. */
export interface DownloadOptions {
  /** Path of the file to make. */
  readonly path: string;
  /** Called with the number of bytes so far; it is lower than before after a restart. */
  readonly onProgress: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** How often a download may be interrupted. */
const MAX_BREAKS = 5;

/** The pause before the second retry, which then doubles; the first is immediate. */
const PAUSE_MS = 500;

/**
 * Downloads a blob to a new file, which the caller removes on failure.
 *
 * @throws {RegistryRefusal} if the registry refuses it, or it does not match its digest.
 * @throws {Error} if it is interrupted too often.
 */
export async function downloadBlob(
  client: RegistryClient,
  blob: Descriptor,
  options: DownloadOptions,
): Promise<void> {
  using file = await Deno.open(options.path, { write: true, createNew: true });
  const download = new Download(blob, file, options.onProgress);
  for (let breaks = 0; !download.isWhole;) {
    try {
      await download.goOn(client);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof RegistryRefusal || ++breaks > MAX_BREAKS) throw error;
      if (breaks > 1) await setTimeout(PAUSE_MS * 2 ** (breaks - 2), undefined, options);
    }
  }
  download.check();
}

class Download {
  readonly #blob: Descriptor;
  readonly #file: Deno.FsFile;
  readonly #onProgress: (bytes: number) => void;
  #hash: Hash = createHash("sha256");
  #bytes = 0;

  constructor(blob: Descriptor, file: Deno.FsFile, onProgress: (bytes: number) => void) {
    this.#blob = blob;
    this.#file = file;
    this.#onProgress = onProgress;
  }

  get isWhole(): boolean {
    return this.#bytes === this.#blob.size;
  }

  /** Requests and writes the missing bytes. @throws {Error} if that is interrupted. */
  async goOn(client: RegistryClient): Promise<void> {
    const { digest, size } = this.#blob;
    const response = await client.get(`blobs/${digest}`, { from: this.#bytes });
    if (response.status !== 206) await this.#startAgain();
    try {
      for await (const chunk of response.body ?? []) await this.#take(chunk);
    } catch (error) {
      if (error instanceof RegistryRefusal) throw error;
      throw new Error(
        `${digest} broke off after ${this.#bytes} of ${size} bytes: ${messageOf(error)}`,
      );
    }
    if (!this.isWhole) throw new Error(`${digest} ends after ${this.#bytes} of ${size} bytes`);
  }

  /** Checks the digest. @throws {RegistryRefusal} if it does not match. */
  check(): void {
    const found = `sha256:${this.#hash.digest("hex")}`;
    if (found === this.#blob.digest) return;
    throw new RegistryRefusal(`the digest of a blob is ${found} in place of ${this.#blob.digest}`);
  }

  async #take(chunk: Uint8Array): Promise<void> {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#blob.size) {
      const { digest, size } = this.#blob;
      throw new RegistryRefusal(`${digest} has more than the ${size} bytes that it should have`);
    }
    this.#hash.update(chunk);
    for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await this.#file.write(rest));
    this.#onProgress(this.#bytes);
  }

  /** Starts from the first byte, as the server does not support ranges. */
  async #startAgain(): Promise<void> {
    this.#bytes = 0;
    this.#hash = createHash("sha256");
    await this.#file.truncate(0);
    await this.#file.seek(0, Deno.SeekMode.Start);
  }
}
