// Makes hostnames for machines: a clone must not share the name of its template or of other clones.

const RANDOM_BYTES = 4;

/** A new name, such as `execvm-1f8a03c7`. */
export function hostname(): string {
  return `execvm-${crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)).toHex()}`;
}
