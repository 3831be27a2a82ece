// Zod schemas for the words of an argv and the values of variables; each yields the string that
// nodes hold.

import * as z from "npm:zod@4.6.7";
import { isWord } from "../libc/word.ts";
import { wordFromJson } from "../model/word.ts";

/** Returns the schema of a word that is written as a string. */
export function plainWord(): z.ZodString {
  return z.string().refine((value) => !value.includes("\0"), "must not have a NUL")
    .refine(isWord, "must not have half a surrogate pair");
}

/** Returns the schema of a word that is written as a string, or as bytes in base64. */
export function wordSchema(plain: z.ZodString = plainWord()): z.ZodType<string> {
  const bytes = z.strictObject({ base64: z.base64() })
    .transform((value) => String(wordFromJson(value)))
    .refine((value) => !value.includes("\0"), "must not have a NUL");
  return z.union([plain, bytes], { error: 'must be a string or { "base64": ".." }' });
}
