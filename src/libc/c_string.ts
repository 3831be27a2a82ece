// Words and arrays of words as C wants them.

import { encodeWord, showWord } from "./word.ts";

/**
 * A word as NUL-terminated bytes.
 *
 * @throws {TypeError} if the string has a NUL inside: C would cut it there.
 */
export function cString(value: string): Uint8Array<ArrayBuffer> {
  if (value.includes("\0")) {
    throw new TypeError(`Cannot pass ${showWord(value)} to a program: it holds a NUL`);
  }
  return encodeWord(value + "\0");
}

/** A `char *const[]`: an array of pointers and, kept alive beside it, what they point to. */
export interface CStringArray {
  readonly pointers: BigUint64Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * An argv or envp. The caller keeps the whole value alive during the call.
 *
 * @throws {TypeError} if one of the strings has a NUL inside.
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
