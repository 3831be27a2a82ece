// The MCP tool that runs code on a prepared image.

import * as z from "npm:zod@4.6.7";
import type { CodeResult } from "../model/code_result.ts";
import type { LanguageName } from "../code/language.ts";
import { CODE_OPTION_SPECS } from "../code/option_specs.ts";
import { runCode } from "../code/run_code.ts";
import { checkRunOptions, type RunCodeOptions } from "../code/run_options.ts";
import { makeTempFolder } from "../host/temp_folder.ts";
import type { OptionSpec } from "../runners/contract/option_spec.ts";
import { onlyGiven } from "../model/pick_given.ts";
import { chooseImage } from "../prepare/choose_image.ts";
import { optionSchema } from "../runners/json_schema.ts";
import { VM_OPTION_SPECS } from "../runners/vm/options.ts";
import { wordSchema } from "../runners/word_schema.ts";
import type { Artifact } from "../workspace/artifact.ts";
import { toContent } from "./bounded_output.ts";
import { NOT_FOR_CLIENTS } from "./code_for_clients.ts";
import { confineOptions } from "./confined_options.ts";
import { givenFiles } from "./given_files.ts";
import { LIMIT_FIELDS } from "./pipeline_tools.ts";
import { grantedOptions, limitsOf, type Policy, requireOption } from "./policy.ts";
import { phaseObserver } from "./run_progress.ts";
import type { Tool } from "./tool.ts";

/** Larger files are listed without their content. */
const MAX_INLINE_BYTES = 64 << 10;

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
    "A prepared image: one of its names in list_images, its key, or the start of its key",
  ),
  code: z.string().describe("The code"),
  ...CODE_FIELDS,
  filesBase64: byName.optional().describe("Like files, with contents in base64"),
});

/** The names of the options of machines that the policy lets clients set in `run_code`, too. */
function grantedNames(policy: Policy): readonly string[] {
  const names = grantedOptions("vm", policy).map(({ name }) => name);
  return names.filter((name) => name in NOT_FOR_CLIENTS && name in VM_OPTION_SPECS);
}

/** Returns the schema with the granted options, whose values are checked by `runCode`. */
function inputFor(policy: Policy): z.ZodType<z.infer<typeof input>> {
  const specs: Readonly<Record<string, OptionSpec>> = VM_OPTION_SPECS;
  const granted = grantedNames(policy).map((name) => [name, optionSchema(specs[name]!)]);
  return input.extend(Object.fromEntries(granted)) as unknown as typeof input;
}

/** Returns the tool `run_code`, which runs code in a fresh machine. */
export function codeTool(policy: Policy): Tool<z.infer<typeof input>> {
  return {
    name: "run_code",
    title: "Run code",
    description:
      "Runs code in a fresh virtual machine without a network, in /workspace on a prepared image. Returns stdout, " +
      `stderr, the exit status, and the files that it made; files of up to ${MAX_INLINE_BYTES} bytes come with ` +
      "their content.",
    input: inputFor(policy),
    isReadOnly: false,
    async call({ image, code, files = {}, filesBase64 = {}, ...wanted }, context) {
      requireGranted(wanted, context.policy);
      const limits = limitsOf(wanted, context.policy);
      // zod may set absent fields to undefined
      const confined = await confineOptions("vm", onlyGiven(wanted), context.policy);
      const { path: outputsDir, cleanup } = makeTempFolder({ prefix: "execvm-mcp-" });
      using _cleanup = cleanup;
      try {
        const options: RunCodeOptions = {
          ...confined,
          ...limits,
          files: givenFiles(files, filesBase64),
          observer: phaseObserver(context.report),
          signal: context.signal,
          outputsDir,
        };
        checkRunOptions(options);
        const chosen = chooseImage(image);
        using _turn = await context.turn();
        const result = await runCode(chosen, code, options);
        return { data: await toData(result, limits.maxOutputBytes) };
      } finally {
        await Deno.remove(outputsDir, { recursive: true });
      }
    },
  };
}

/** @throws {Refusal} if an option has a value that the policy does not grant. */
function requireGranted(wanted: object, policy: Policy): void {
  for (const [name, value] of Object.entries(wanted)) {
    if (value === undefined || !(name in NOT_FOR_CLIENTS)) continue;
    requireOption("vm", name, { value, policy });
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
