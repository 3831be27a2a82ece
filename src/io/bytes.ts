// Pieces of bytes.

/** Bytes, whatever memory they are in. */
export type Bytes = Uint8Array<ArrayBufferLike>;

/** Both, one after the other. */
export function concat(left: Bytes, right: Bytes): Bytes {
  if (left.length === 0) return right;
  const whole = new Uint8Array(left.length + right.length);
  whole.set(left);
  whole.set(right, left.length);
  return whole;
}
