// The zod schema of the options of code, made from their table.

import * as z from "npm:zod@4.6.7";
import { CODE_OPTION_NAMES, type CodeOptions } from "../code/code_options.ts";
import { CODE_OPTION_SPECS } from "../code/option_specs.ts";
import type { CallOption, ValueSpec } from "./contract/call_option.ts";

/** The schemas that options share with other blocks. */
export interface CodeSchemaParts {
  readonly word: z.ZodType<string>;
  readonly path: z.ZodType<string>;
  readonly env: z.ZodType;
  /** Returns the schema of a number of a range. */
  readonly number: (range: ValueSpec["range"]) => z.ZodType<number>;
}

/** Returns the schema of the options of code; bytes of files are written in base64. */
export function codeOptionsSchema({ word, path, env, number }: CodeSchemaParts): z.ZodType {
  const words = z.array(word);
  const bytes = z.strictObject({ base64: z.base64() }).transform(({ base64 }) =>
    Uint8Array.fromBase64(base64)
  );
  const file = z.union([path, bytes], { error: 'must be a path or { "base64": ".." }' });
  const off = z.literal(false);
  const own: Partial<Record<keyof CodeOptions, z.ZodType>> = {
    argv: words.min(1, "must name a program"),
    args: words,
    env,
    files: z.record(path, file),
    paths: words,
    warm: z.union([z.string(), off]),
    outputsDir: z.union([path, off]),
  };
  const fields = (Object.keys(CODE_OPTION_NAMES) as (keyof CodeOptions)[]).map((name) => {
    const schema = own[name] ?? toSchema(CODE_OPTION_SPECS[name], number);
    return [name, describe(schema, CODE_OPTION_SPECS[name]).optional()];
  });
  return z.strictObject(Object.fromEntries(fields));
}

function toSchema(spec: CallOption, number: CodeSchemaParts["number"]): z.ZodType {
  const { type, range, values } = spec as ValueSpec;
  if (type === "boolean") return z.boolean();
  if (type === "number") return number(range);
  return values === undefined ? z.string() : z.enum(values as [string, ...string[]]);
}

function describe(schema: z.ZodType, spec: CallOption): z.ZodType {
  return "summary" in spec ? schema.describe(spec.summary) : schema;
}
