// The nested JSON form of pipelines as a zod schema; the JSON Schema is generated from it.

import * as z from "npm:zod@4.6.7";
import { EACH_RANGES } from "../blocks/each_checks.ts";
import { CHAIN_STDOUTS } from "../model/nodes.ts";
import { countFault, type CountRange } from "../model/require_count.ts";
import { codeOptionsSchema } from "./code_schema.ts";
import type { OptionSpec } from "./contract/option_spec.ts";
import type { RunnerType } from "./contract/runner_type.ts";
import { RUNNER_TYPES } from "./mod.ts";
import type { JsonRunner } from "./nest_runner.ts";
import { plainWord, wordSchema } from "./word_schema.ts";

/** A block in its JSON form, after the check. */
export interface JsonBlock {
  readonly type: string;
  readonly output?: JsonBlock | undefined;
  readonly [key: string]: unknown;
}

/**
 * The version of the JSON form. A form without one has version 1, so `toJSON` does not write it. A
 * version may gain blocks, options and runners; it never loses any, and none changes its meaning.
 */
export const JSON_VERSION = 1;

let built: z.ZodType<JsonBlock> | undefined;

/**
 * Returns the schema of a whole pipeline: its source, or its first stage if stdin is empty, with
 * the rest nested in `output`. It is built on first use, because that takes longer than loading all
 * other modules.
 */
export function pipelineSchema(): z.ZodType<JsonBlock> {
  return built ??= build();
}

/** Returns the JSON Schema (draft 2020-12) of a pipeline. */
export function jsonSchema(): unknown {
  return { title: "An execvm pipeline", ...z.toJSONSchema(pipelineSchema(), { io: "input" }) };
}

function build(): z.ZodType<JsonBlock> {
  const word = plainWord();
  const path = word.min(1, "must not be empty").refine(
    (value) => value.isWellFormed(),
    "must be UTF-8",
  );
  const plainEnv = z.record(word.regex(/^[^=]+$/, 'must not be empty or have a "="'), word);
  const anyWord = wordSchema();
  const argv = z.array(anyWord).min(1, "must name a program");
  const env = z.record(plainEnv.keyType, anyWord);

  const fileSink = z.strictObject({ type: z.literal("file"), name: path });
  const sinks = [
    fileSink,
    z.strictObject({ type: z.literal("untar"), directory: path }),
    z.strictObject({ type: z.literal("stdout") }),
    z.strictObject({ type: z.literal("discard") }),
  ] as const;

  const output = z.lazy(() => next).optional();

  const commandOptions = {
    env: env.default({}),
    cwd: wordSchema(word.min(1, "must not be empty")).optional(),
    runner: z.lazy(() => runner).optional(),
    stderr: z.discriminatedUnion("type", sinks).optional(),
    output,
  };

  const stages = [
    z.strictObject({ type: z.literal("command"), args: argv, ...commandOptions }),
    z.strictObject({
      type: z.literal("chain"),
      commands: z.array(argv).min(2, "must have two commands or more"),
      stdout: z.enum(CHAIN_STDOUTS).optional(),
      ...commandOptions,
    }),
    z.strictObject({
      type: z.literal("code"),
      image: z.string().min(1, "must not be empty"),
      text: z.string(),
      options: codeOptionsSchema({ word: anyWord, path, env, number: toNumber }).optional(),
      stderr: commandOptions.stderr,
      output,
    }),
    z.strictObject({ type: z.literal("gzip"), output }),
    z.strictObject({ type: z.literal("gunzip"), output }),
    z.strictObject({ type: z.literal("cpio"), output }),
    z.strictObject({
      type: z.literal("dockerBuild"),
      tag: path.optional(),
      file: path.optional(),
      target: path.optional(),
      args: plainEnv.optional(),
      network: path.optional(),
      platform: path.optional(),
      buildkit: z.boolean().optional(),
      binary: path.optional(),
      output,
    }),
  ] as const;

  const sources = [
    fileSink.extend({ output }),
    z.strictObject({ type: z.literal("text"), text: z.string(), output }),
    z.strictObject({ type: z.literal("bytes"), base64: z.base64(), output }),
    z.strictObject({
      type: z.literal("tar"),
      files: z.array(path).min(1, "must name a file"),
      compression: z.literal("gzip").optional(),
      directory: path.optional(),
      mtime: toNumber({ least: 0 }).optional(),
      owner: z.strictObject({ uid: toNumber({ least: 0 }), gid: toNumber({ least: 0 }) })
        .optional(),
      output,
    }),
    z.strictObject({ type: z.literal("stdin"), output }),
    z.strictObject({ type: z.literal("empty"), output }),
    z.strictObject({
      type: z.literal("each"),
      ...eachSettings(),
      items: z.array(z.strictObject({
        item: z.json().optional(),
        pipeline: z.lazy(() => whole).refine(
          ({ type }) => type !== "stdin",
          "must not be our stdin, which items cannot share",
        ),
      })),
      output,
    }),
  ] as const;

  const next: z.ZodType<JsonBlock> = z.discriminatedUnion("type", [...stages, ...sinks]);

  const runner: z.ZodType<JsonRunner> = z.discriminatedUnion(
    "type",
    RUNNER_TYPES.map((type) => toRunnerSchema(type, z.lazy(() => runner))) as unknown as [
      z.ZodObject,
      ...z.ZodObject[],
    ],
  ) as unknown as z.ZodType<JsonRunner>;

  const version = z.literal(JSON_VERSION).optional();
  const heads = [...sources, ...stages].map((head): z.ZodObject => head.extend({ version }));
  const whole: z.ZodType<JsonBlock> = z.discriminatedUnion(
    "type",
    heads as [z.ZodObject, ...z.ZodObject[]],
  ) as unknown as z.ZodType<JsonBlock>;
  return whole;
}

function eachSettings() {
  return {
    concurrency: toNumber(EACH_RANGES.concurrency).optional(),
    retry: z.strictObject({
      times: toNumber(EACH_RANGES["retry.times"]),
      on: z.array(z.union([z.enum(["runner", "command", "timeout"]), z.int().min(1).max(255)]))
        .optional(),
    }).optional(),
    itemTimeoutMs: toNumber(EACH_RANGES.itemTimeoutMs).optional(),
    failFast: z.boolean().optional(),
  };
}

/** Returns the schema of one option, which cannot be a runner. */
export function optionSchema(spec: OptionSpec): z.ZodType {
  return toOption(spec, z.never());
}

/** @param inner the schema of a runner that runs inside this one */
function toRunnerSchema(type: RunnerType, inner: z.ZodType): z.ZodObject {
  const options = Object.entries(type.options).map(([name, spec]) => [name, toOption(spec, inner)]);
  return z.strictObject({ type: z.literal(type.kind), ...Object.fromEntries(options) });
}

function toOption({ type, summary, range }: OptionSpec, runner: z.ZodType): z.ZodType {
  const plain = { boolean: z.boolean(), string: z.string(), number: toNumber(range) };
  const fields = z.record(z.string(), z.union([z.boolean(), z.string(), z.number()]));
  const map = z.record(z.string().min(1), z.union([z.string(), fields]));
  const schema = { ...plain, map, runner }[type];
  return schema.optional().describe(summary);
}

/**
 * Returns the schema of a number within a range, with that range's errors. JSON has no Infinity.
 */
function toNumber(range: CountRange = {}): z.ZodType<number> {
  const { least = 1, most = Number.MAX_SAFE_INTEGER, above } = range;
  const error = ({ input }: { readonly input?: unknown }) => countFault(input, range);
  const number = above === undefined
    ? z.int({ error }).min(least, { error })
    : z.number({ error }).gt(above, { error });
  return most === Number.MAX_SAFE_INTEGER ? number : number.max(most, { error });
}
