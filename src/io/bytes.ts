// Concatenates chunks of bytes.

/** Bytes in any kind of buffer. */
export type Bytes = Uint8Array<ArrayBufferLike>;

/** Returns `left` followed by `right`; it may be `right` itself. */
export function concat(left: Bytes, right: Bytes): Bytes {
  if (left.length === 0) return right;
  const whole = new Uint8Array(left.length + right.length);
  whole.set(left);
  whole.set(right, left.length);
  return whole;
}
