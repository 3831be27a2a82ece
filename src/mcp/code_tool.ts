// The MCP tool that runs code on a prepared image.

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

/** Larger files are listed without their content. */
const MAX_INLINE_BYTES = 64 << 10;

/** Options of `runCode` that clients cannot set, and why. */
const NOT_FOR_CLIENTS = {
  accel: "it chooses what of this machine runs the guest",
  append: "its parameters can replace the init of the guest",
  argv: "the language sh can run any program",
  bootTimeoutMs: "it is a limit of this machine",
  initrd: "it is a path of this machine",
  kernel: "it is a path of this machine",
  machine: "it is an argument of QEMU",
  network: "clients get none",
  observer: "it is an object of this process",
  onOutput: "it is a function of this process",
  outputsDir: "it is a path of this machine",
  outputsTar: "it is a path of this machine",
  paths: "the result lists everything that the code made",
  qemu: "it is a program of this machine",
  signal: "cancelling the call ends the code",
  template: "it decides what is kept in the cache of this machine",
  warm: "it runs in a template, which other machines are cloned from",
  workspaceMib: "the policy has no limit for it",
} as const satisfies Partial<Record<keyof RunCodeOptions, string>>;

const byName = z.record(z.string().min(1), z.string());
const { language, output } = CODE_OPTION_SPECS;
const outputs = output.values.filter((mode) => mode !== "paths");

/**
 * A field for each of the other options: leaving one out, or adding one of the above, is a type
 * error.
 */
const CODE_FIELDS = {
  language: z.enum(language.values as LanguageName[]).optional().describe(
    `Language of the code; default: ${language.defaultText}`,
  ),
  args: z.array(wordSchema()).optional().describe(
    'Arguments of the code; {"base64":".."} for one that is not UTF-8',
  ),
  stdin: z.string().optional().describe("Standard input of the code"),
  env: z.record(z.string().min(1), wordSchema()).optional().describe("Environment variables"),
  files: byName.optional().describe(
    "Text files to put in /workspace, the working directory, by relative path",
  ),
  user: z.string().optional().describe(
    "User that runs it: a name in the image, or UID:GID; default: root",
  ),
  output: z.enum(outputs).optional().describe(
    "Files to list: those it created, changed and deleted (diff), also those given, or none",
  ),
  ...LIMIT_FIELDS,
} satisfies Record<Exclude<keyof RunCodeOptions, keyof typeof NOT_FOR_CLIENTS>, z.ZodType>;

const input = z.strictObject({
  image: z.string().min(1).describe(
    "A prepared image: its cacheKey or name in list_images, or the start of its name",
  ),
  code: z.string().describe("The code"),
  ...CODE_FIELDS,
  filesBase64: byName.optional().describe("Like files, with contents in base64"),
});

/** The tool `run_code`: runs code in a fresh machine. */
export const codeTool: Tool<z.infer<typeof input>> = {
  name: "run_code",
  title: "Run code",
  description:
    "Runs code in a fresh virtual machine without a network, in /workspace on a prepared image. Returns stdout, " +
    `stderr, the exit status, and the files that it made; files of up to ${MAX_INLINE_BYTES} bytes come with ` +
    "their content.",
  input,
  isReadOnly: false,
  runs: true,
  async call({ image, code, files = {}, filesBase64 = {}, ...wanted }, { policy, signal }) {
    const limits = limitsOf(wanted, policy);
    const { path: outputsDir, cleanup } = makeTempFolder({ prefix: "execvm-mcp-" });
    using _cleanup = cleanup;
    try {
      const result = await runCode(chooseImage(image), code, {
        ...onlyGiven(wanted), // zod may set absent fields to undefined
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

/** Returns the files as bytes: `runCode` would take a string for a path on this machine. */
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
    throw new TypeError(`cannot give the file ${JSON.stringify(path)}: it is not base64`);
  }
}

/** @param room the most bytes of file contents, in total */
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
