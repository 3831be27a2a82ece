// Strings and string arrays as C wants them.

const encoder = new TextEncoder();

/**
 * A string as NUL-terminated UTF-8.
 *
 * @throws {TypeError} if the string has a NUL inside: C would cut it there.
 */
export function cString(value: string): Uint8Array<ArrayBuffer> {
  if (value.includes("\0")) {
    throw new TypeError(`Cannot pass ${JSON.stringify(value)} to a program: it holds a NUL`);
  }
  return encoder.encode(value + "\0");
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
  const strings = values.map(cString);
  const bytes = new Uint8Array(strings.reduce((total, string) => total + string.length, 1));
  const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
  const pointers = new BigUint64Array(strings.length + 1); // the last stays NULL
  let offset = 0;
  strings.forEach((string, index) => {
    bytes.set(string, offset);
    pointers[index] = base + BigInt(offset);
    offset += string.length;
  });
  return { pointers, bytes };
}
