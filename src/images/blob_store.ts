// Where the blobs of an image are, and reading them so that they are what their digests say.

import { messageOf } from "../model/errors.ts";
import { checkedStream } from "./checked_stream.ts";
import { decompressed } from "./decompress.ts";
import type { Layer } from "./merge_layers.ts";
import type { Descriptor } from "./oci_schema.ts";

/** Gives the blobs of an image. */
export interface BlobStore {
  /**
   * The bytes of a blob, as often as is wanted. They need not be the right ones; whoever reads checks.
   *
   * @throws {Error} if it is not there.
   */
  open(blob: Descriptor): Promise<ReadableStream<Uint8Array>>;
}

/** Far more than a document needs; registries refuse to store as much. */
export const MAX_DOCUMENT_BYTES: number = 4 << 20;

/**
 * A document of an image as text.
 *
 * @throws {Error} if it is not there, too large, or not what its digest says.
 */
export async function readDocument(store: BlobStore, blob: Descriptor): Promise<string> {
  try {
    if (blob.size > MAX_DOCUMENT_BYTES) {
      throw new Error(`it has ${blob.size} bytes, and a document at most ${MAX_DOCUMENT_BYTES}`);
    }
    const bytes = (await store.open(blob)).pipeThrough(checkedStream(blob));
    return await new Response(bytes).text();
  } catch (error) {
    throw new Error(`Cannot read ${blob.digest} as ${messageOf(error)}`, { cause: error });
  }
}

/** A blob as a layer whose bytes are checked twice: as they are stored, and decompressed. */
export function toLayer(store: BlobStore, blob: Descriptor, diffId: string): Layer {
  return {
    name: `layer ${blob.digest}`,
    open: async () => {
      const stored = (await store.open(blob)).pipeThrough(checkedStream(blob));
      return decompressed(stored).pipeThrough(checkedStream({ digest: diffId }));
    },
  };
}
