// The blobs of an image, from any store, and reading them with their digests checked.

import { messageOf } from "../model/errors.ts";
import { checkedStream } from "./checked_stream.ts";
import { decompressed } from "./decompress.ts";
import type { Layer } from "./merge_layers.ts";
import type { Descriptor } from "./oci_schema.ts";

/** A store of the blobs of an image. */
export interface BlobStore {
  /**
   * Opens a blob, any number of times. The store need not check the digest; the reader does.
   *
   * @throws {Error} if there is no such blob.
   */
  open(blob: Descriptor): Promise<ReadableStream<Uint8Array>>;
}

/** Far more than a document needs; registries do not accept larger ones. */
export const MAX_DOCUMENT_BYTES: number = 4 << 20;

/**
 * Reads a document of an image as text.
 *
 * @throws {Error} if it is missing or too large, or does not match its digest.
 */
export async function readDocument(store: BlobStore, blob: Descriptor): Promise<string> {
  try {
    if (blob.size > MAX_DOCUMENT_BYTES) {
      throw new Error(`it has ${blob.size} bytes, and a document at most ${MAX_DOCUMENT_BYTES}`);
    }
    const bytes = (await store.open(blob)).pipeThrough(checkedStream(blob));
    return await new Response(bytes).text();
  } catch (error) {
    throw new Error(`cannot read ${blob.digest}: ${messageOf(error)}`, { cause: error });
  }
}

/** Makes a layer of a blob whose bytes are checked twice: as stored, and decompressed. */
export function toLayer(store: BlobStore, blob: Descriptor, diffId: string): Layer {
  return {
    name: `layer ${blob.digest}`,
    open: async () => {
      const stored = (await store.open(blob)).pipeThrough(checkedStream(blob));
      return decompressed(stored).pipeThrough(checkedStream({ digest: diffId }));
    },
  };
}
