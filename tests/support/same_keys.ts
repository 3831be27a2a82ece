// An assertion on types: that two have the same keys.

/** `true` if the keys of both are the same, else those that only one has. */
export type SameKeys<A, B> = [keyof A, keyof B] extends [keyof B, keyof A] ? true
  : Exclude<keyof A | keyof B, keyof A & keyof B>;
