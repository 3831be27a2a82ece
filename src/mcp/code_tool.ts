// The tool that runs code on a prepared image.

import * as z from "npm:zod@4.6.7";
import type { CodeResult } from "../code/code_result.ts";
import type { LanguageName } from "../code/language.ts";
import { CODE_OPTION_SPECS } from "../code/option_specs.ts";
import { runCode } from "../code/run_code.ts";
import type { RunCodeOptions } from "../code/run_options.ts";
import { makeTempFolder } from "../host/temp_folder.ts";
import { onlyGiven } from "../model/pick_given.ts";
import { chooseImage } from "../prepare/choose_image.ts";
import { wordSchema } from "../runners/word_schema.ts";
import type { Artifact } from "../workspace/artifact.ts";
import { toContent } from "./bounded_output.ts";
import { LIMIT_FIELDS } from "./pipeline_tools.ts";
import { limitsOf } from "./policy.ts";
import type { Tool } from "./tool.ts";

/** Larger files are told of, and not shown. */
const MAX_INLINE_BYTES = 64 << 10;

/** Options of `runCode` that a client does not have, and why. */
const NOT_FOR_CLIENTS = {
  accel: "it chooses what of this machine runs the guest",
  append: "its words can replace the init of the guest",
  argv: "sh runs any program: sh is a language",
  bootTimeoutMs: "it is a limit of this machine",
  initrd: "it is a path of this machine",
  kernel: "it is a path of this machine",
  machine: "it is a word of QEMU's command line",
  network: "a client is given none",
  observer: "it is an object of this process",
  onOutput: "it is a function of this process",
  outputsDir: "it is a path of this machine",
  outputsTar: "it is a path of this machine",
  paths: "the result has all that the code made",
  qemu: "it is a program of this machine",
  signal: "cancelling the call ends the code",
  template: "it decides what is kept in the cache of this machine",
  warm: "it runs in a template, which others are cloned from",
  workspaceMib: "no limit of the policy bounds it",
} as const satisfies Partial<Record<keyof RunCodeOptions, string>>;

const byName = z.record(z.string().min(1), z.string());
const { language, output } = CODE_OPTION_SPECS;
const outputs = output.values.filter((mode) => mode !== "paths");

/** A field for each of the others: one that is missing, or is not for clients, does not type-check. */
const CODE_FIELDS = {
  language: z.enum(language.values as LanguageName[]).optional().describe(
    `What it is written in; ${language.defaultText} unless told otherwise`,
  ),
  args: z.array(wordSchema()).optional().describe(
    'Arguments of the code; {"base64":".."} for what is not UTF-8',
  ),
  stdin: z.string().optional().describe("What it reads"),
  env: z.record(z.string().min(1), wordSchema()).optional().describe("Variables"),
  files: byName.optional().describe(
    "Text files in /workspace, where it runs and is, by their relative paths",
  ),
  user: z.string().optional().describe(
    "Who runs it: a name of the image, or UID:GID; root unless told otherwise",
  ),
  output: z.enum(outputs).optional().describe(
    "Which files to tell of: those it created, changed and deleted (diff), also those given, or none",
  ),
  ...LIMIT_FIELDS,
} satisfies Record<Exclude<keyof RunCodeOptions, keyof typeof NOT_FOR_CLIENTS>, z.ZodType>;

const input = z.strictObject({
  image: z.string().min(1).describe(
    "A prepared image, by its cacheKey or name in list_images, or how its name begins",
  ),
  code: z.string().describe("The code"),
  ...CODE_FIELDS,
  filesBase64: byName.optional().describe("The same as files, as base64"),
});

/** Runs code in a machine of its own. */
export const codeTool: Tool<z.infer<typeof input>> = {
  name: "run_code",
  title: "Run code",
  description:
    "Runs code in a fresh virtual machine without a network, in /workspace on a prepared image, and gives " +
    `stdout, stderr, how it ended, and the files that it made; those of up to ${MAX_INLINE_BYTES} bytes ` +
    "with their content.",
  input,
  isReadOnly: false,
  runs: true,
  async call({ image, code, files = {}, filesBase64 = {}, ...wanted }, { policy, signal }) {
    const limits = limitsOf(wanted, policy);
    const { path: outputsDir, cleanup } = makeTempFolder({ prefix: "execvm-mcp-" });
    using _cleanup = cleanup;
    try {
      const result = await runCode(chooseImage(image), code, {
        ...onlyGiven(wanted), // zod gives undefined for a field that is absent
        ...limits,
        files: givenFiles(files, filesBase64),
        signal,
        outputsDir,
      });
      return { data: await toData(result, limits.maxOutputBytes) };
    } finally {
      await Deno.remove(outputsDir, { recursive: true });
    }
  },
};

/** Always bytes: a string would be a path on this machine. */
function givenFiles(
  texts: Readonly<Record<string, string>>,
  base64: Readonly<Record<string, string>>,
): Readonly<Record<string, Uint8Array>> {
  const encoder = new TextEncoder();
  return Object.fromEntries([
    ...Object.entries(texts).map(([path, text]) => [path, encoder.encode(text)]),
    ...Object.entries(base64).map(([path, text]) => [path, fromBase64(path, text)]),
  ]);
}

function fromBase64(path: string, text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    throw new TypeError(`Cannot give the file ${JSON.stringify(path)} as it is no base64`);
  }
}

/** @param room bytes of files that are shown, all of them together */
async function toData(result: CodeResult, room: number) {
  const { outputsDir, artifacts, ...rest } = result;
  const leftOut = new Set(result.leftOut.map(({ path }) => path));
  const shown: unknown[] = [];
  for (const artifact of artifacts) {
    const { path, change, kind, size, sha256, linkTarget } = artifact;
    const isShown = isInline(artifact) && !leftOut.has(path) && size <= room && outputsDir !== null;
    const content = isShown ? toContent(await Deno.readFile(`${outputsDir}/files${path}`)) : {};
    if (isShown) room -= size;
    shown.push({ path, change, kind, size, sha256, linkTarget, ...content });
  }
  return { ...rest, artifacts: shown };
}

function isInline({ kind, change, size }: Artifact): boolean {
  return kind === "file" && change !== "deleted" && size <= MAX_INLINE_BYTES;
}
