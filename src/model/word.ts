// Converts words of an argv or environment between their three forms: input, node and JSON.

import { decodeWord, encodeWord, hasBytes, isWord, showWord } from "../libc/word.ts";
import type { Json } from "./nodes.ts";

/**
 * A word of an argv, or the value of a variable: a string, or bytes that need not be UTF-8. Nodes,
 * plans and results hold a string in which a byte that is not part of UTF-8 is U+DC00 + byte; such
 * strings are accepted, too.
 */
export type Word = string | Uint8Array;

/** A word in JSON: a string, or base64 if its bytes are not UTF-8. */
export type JsonWord = string | { readonly base64: string };

/**
 * Returns the string that nodes hold for a word.
 *
 * @param what names the word in messages, such as `argv[1]`
 * @throws {TypeError} if it is not a string or `Uint8Array`, contains NUL, or has half a surrogate
 * pair.
 */
export function toWord(value: unknown, what: string): string {
  const word = value instanceof Uint8Array ? decodeWord(value) : value;
  if (typeof word !== "string") {
    throw new TypeError(`cannot use ${what}: it is not a string or Uint8Array: ${value}`);
  }
  if (word.includes("\0")) {
    throw new TypeError(`cannot use ${what}: it has a NUL: ${showWord(word)}`);
  }
  if (!isWord(word)) {
    throw new TypeError(`cannot use ${what}: it has half a surrogate pair: ${showWord(word)}`);
  }
  return word;
}

/**
 * Returns the strings that nodes hold for a list of words.
 *
 * @param what names the list in messages, such as `argv`
 * @throws {TypeError} as {@linkcode toWord}.
 */
export function toWordList(words: readonly unknown[], what: string): string[] {
  return words.map((word, index) => toWord(word, `${what}[${index}]`));
}

/** Returns the strings that nodes hold for variables. @throws {TypeError} as {@linkcode toWord}. */
export function toWords(variables: Readonly<Record<string, Word>>): Record<string, string> {
  return mapValues(variables, (value, name) => toWord(value, `the variable ${showWord(name)}`));
}

/** Returns the JSON form of a word. */
export function wordToJson(word: string): JsonWord {
  return hasBytes(word) ? { base64: encodeWord(word).toBase64() } : word;
}

/** Returns the word of a JSON form; any other value unchanged, to be validated by the caller. */
export function wordFromJson(value: unknown): unknown {
  const { base64, ...rest } = Object(value) as { readonly base64?: unknown };
  const isBytes = typeof base64 === "string" && Object.keys(rest).length === 0;
  return isBytes ? decodeWord(Uint8Array.fromBase64(base64)) : value;
}

/** Returns the JSON form of an argv. */
export function argvToJson(argv: readonly string[]): readonly JsonWord[] {
  return argv.map(wordToJson);
}

/** Returns the JSON form of environment variables. */
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
