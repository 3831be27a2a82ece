// The tool that runs code on a prepared image.

import * as z from "npm:zod@4.6.7";
import type { CodeResult } from "../code/code_result.ts";
import { type LanguageName, LANGUAGES } from "../code/language.ts";
import { runCode } from "../code/run_code.ts";
import { killWithUs } from "../host/watchdog.ts";
import { chooseImage } from "../prepare/choose_image.ts";
import type { Artifact } from "../workspace/artifact.ts";
import { toContent } from "./bounded_output.ts";
import { LIMIT_FIELDS } from "./pipeline_tools.ts";
import { limitsOf } from "./policy.ts";
import type { Tool } from "./tool.ts";

/** Larger files are told of, and not shown. */
const MAX_INLINE_BYTES = 64 << 10;

const languages = Object.keys(LANGUAGES) as [LanguageName, ...LanguageName[]];
const byName = z.record(z.string().min(1), z.string());

const input = z.strictObject({
  image: z.string().min(1).describe(
    "A prepared image, by its name in list_images or how that begins",
  ),
  code: z.string().describe("The code"),
  language: z.enum(languages).optional().describe(
    "What it is written in; python unless told otherwise",
  ),
  args: z.array(z.string()).optional().describe("Arguments of the code"),
  stdin: z.string().optional().describe("What it reads"),
  env: byName.optional().describe("Variables"),
  files: byName.optional().describe(
    "Text files in /workspace, where it runs, by their relative paths",
  ),
  filesBase64: byName.optional().describe("The same, as base64"),
  output: z.enum(["diff", "all", "none"]).optional().describe(
    "Which files to tell of: those it created, changed and deleted (diff), also those given, or none",
  ),
  ...LIMIT_FIELDS,
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
    const { timeoutMs, memoryMib, cpus, maxOutputBytes } = limitsOf(wanted, policy);
    const outputsDir = await Deno.makeTempDir({ prefix: "execvm-mcp-" });
    using _cleanup = killWithUs({ path: outputsDir });
    try {
      const { language, args, stdin, env, output } = wanted;
      const result = await runCode(chooseImage(image), code, {
        ...{ timeoutMs, memoryMib, cpus, maxOutputBytes, signal, outputsDir },
        ...(language !== undefined && { language }),
        ...(args !== undefined && { args }),
        ...(stdin !== undefined && { stdin }),
        ...(env !== undefined && { env }),
        ...(output !== undefined && { output }),
        files: givenFiles(files, filesBase64),
      });
      return { data: await toData(result, maxOutputBytes) };
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
