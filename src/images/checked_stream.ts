// Bytes that must be what they were said to be.

import { createHash } from "node:crypto";
import type { BytePair } from "../archive/byte_pair.ts";

/** What is known of some bytes before they come. */
export interface Expected {
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  /** How many there are; unknown if absent. */
  readonly size?: number;
}

/**
 * Passes bytes on, and fails at their end if they are not the ones that were expected; at once if there
 * are more.
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

/** The digest of some bytes, or of a text as UTF-8. */
export function digestOf(content: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
