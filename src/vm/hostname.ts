// What machines are called: a clone must not be called what its template is, nor any other.

const RANDOM_BYTES = 4;

/** A new name, such as `execvm-1f8a03c7`. */
export function hostname(): string {
  return `execvm-${crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)).toHex()}`;
}
