// A type for asserting that two types have the same keys.

/** `true` if both types have the same keys, otherwise the keys that only one has. */
export type SameKeys<A, B> = [keyof A, keyof B] extends [keyof B, keyof A] ? true
  : Exclude<keyof A | keyof B, keyof A & keyof B>;
