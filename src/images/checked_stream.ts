// Checks bytes of a stream against an expected digest and size.

import { createHash } from "node:crypto";
import type { BytePair } from "../archive/byte_pair.ts";

/** The expected digest and size of a stream. */
export interface Expected {
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  /** The number of bytes; not checked if absent. */
  readonly size?: number;
}

/**
 * Passes bytes through. The stream fails at its end if they are not the expected ones, and at once
 * if there are more.
 */
export function checkedStream({ digest, size }: Expected): BytePair {
  const hash = createHash("sha256");
  let bytes = 0;
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (size !== undefined && bytes > size) throw new Error(`it has more than ${size} bytes`);
      hash.update(chunk);
      controller.enqueue(chunk);
    },
    flush() {
      if (size !== undefined && bytes < size) throw new Error(`it has ${bytes} of ${size} bytes`);
      const found = `sha256:${hash.digest("hex")}`;
      if (found !== digest) throw new Error(`its digest is ${found} in place of ${digest}`);
    },
  });
}

/** The digest of bytes, or of a text as UTF-8. */
export function digestOf(content: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
