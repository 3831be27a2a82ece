// Words of an argv or an environment: as a user gives them, as nodes hold them, and as they stand in JSON.

import { decodeWord, encodeWord, hasBytes, isWord, showWord } from "../libc/word.ts";
import type { Json } from "./nodes.ts";

/**
 * A word of an argv, or the value of a variable: text, or the bytes of one that need not be UTF-8. Nodes, plans and
 * results hold it as a string, a byte that is no UTF-8 as U+DC80 to U+DCFF, which is taken as well.
 */
export type Word = string | Uint8Array;

/** A word in JSON: bytes that are no UTF-8 in base64. */
export type JsonWord = string | { readonly base64: string };

/**
 * The string that nodes hold for a word.
 *
 * @param what it is, such as `argv[1]`
 * @throws {TypeError} if it is none, or has a NUL.
 */
export function toWord(value: unknown, what: string): string {
  const word = value instanceof Uint8Array ? decodeWord(value) : value;
  if (typeof word !== "string") {
    throw new TypeError(`Cannot use ${what} as it is no string or Uint8Array: ${value}`);
  }
  if (word.includes("\0")) {
    throw new TypeError(`Cannot use ${what} as it has a NUL: ${showWord(word)}`);
  }
  if (!isWord(word)) {
    throw new TypeError(`Cannot use ${what} as it has half a surrogate pair: ${showWord(word)}`);
  }
  return word;
}

/** The strings that nodes hold for the words of a list called `what`. @throws {TypeError} if one is none, or has a NUL. */
export function toWordList(words: readonly unknown[], what: string): string[] {
  return words.map((word, index) => toWord(word, `${what}[${index}]`));
}

/** The strings that nodes hold for variables. @throws {TypeError} if a value is no word, or has a NUL. */
export function toWords(variables: Readonly<Record<string, Word>>): Record<string, string> {
  return mapValues(variables, (value, name) => toWord(value, `the variable ${showWord(name)}`));
}

/** A word as it stands in JSON. */
export function wordToJson(word: string): JsonWord {
  return hasBytes(word) ? { base64: encodeWord(word).toBase64() } : word;
}

/** What {@linkcode wordToJson} was given; anything else as it is, for others to judge. */
export function wordFromJson(value: unknown): unknown {
  const { base64, ...rest } = Object(value) as { readonly base64?: unknown };
  const isBytes = typeof base64 === "string" && Object.keys(rest).length === 0;
  return isBytes ? decodeWord(Uint8Array.fromBase64(base64)) : value;
}

/** The words of an argv as they stand in JSON. */
export function argvToJson(argv: readonly string[]): readonly JsonWord[] {
  return argv.map(wordToJson);
}

/** Variables as they stand in JSON. */
export function variablesToJson(variables: Readonly<Record<string, string>>): {
  readonly [name: string]: Json;
} {
  return mapValues(variables, (value): Json => wordToJson(value));
}

function mapValues<From, To>(
  values: Readonly<Record<string, From>>,
  map: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, map(value, name)]),
  );
}
