// Converts words and arrays of words to the `char *` and `char *const[]` that C functions take.

import { encodeWord, showWord } from "./word.ts";

/**
 * Returns a word as NUL-terminated bytes.
 *
 * @throws {TypeError} if the string contains a NUL: C would cut it there.
 */
export function cString(value: string): Uint8Array<ArrayBuffer> {
  if (value.includes("\0")) {
    throw new TypeError(`cannot pass ${showWord(value)} to a program: it holds a NUL`);
  }
  return encodeWord(value + "\0");
}

/** A `char *const[]`: a NULL-terminated array of pointers, and the bytes that they point to. */
export interface CStringArray {
  readonly pointers: BigUint64Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Makes an argv or envp. The caller keeps the whole value alive during the call, `bytes` included.
 *
 * @throws {TypeError} if one of the strings contains a NUL.
 */
export function cStringArray(values: readonly string[]): CStringArray {
  const spoiled = values.find((value) => value.includes("\0"));
  if (spoiled !== undefined) cString(spoiled); // throws
  const bytes = encodeWord(values.join("\0") + "\0");
  const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
  const pointers = new BigUint64Array(values.length + 1); // the last stays NULL
  let offset = 0;
  values.forEach((_value, index) => {
    pointers[index] = base + BigInt(offset);
    offset = bytes.indexOf(0, offset) + 1;
  });
  return { pointers, bytes };
}
