// The options of runners that copy files, for JSON and the command line.

import type { CopyOptions } from "../../model/copy_options.ts";
import { parseMemoryMib } from "./memory_size.ts";
import { parseGivenFile } from "./call_option.ts";
import type { OptionSpec } from "./option_spec.ts";

/** How they are written in JSON and on the command line. */
export const COPY_OPTION_SPECS: Readonly<Record<keyof CopyOptions, OptionSpec>> = {
  files: {
    type: "map",
    summary: "copy a file or folder of this machine to where the command runs; may be repeated",
    names: "file",
    hostPaths: { use: "read" },
    entry: { flag: "copyIn", placeholder: "HOST:GUEST", parse: parseGivenFile },
  },
  outputs: {
    type: "map",
    summary: "copy a file or folder back once the command has succeeded; may be repeated",
    hostPaths: { use: "write" },
    entry: { flag: "copyOut", placeholder: "GUEST:HOST", parse: parseOutput },
  },
  outputsAlways: {
    type: "boolean",
    summary: "copy outputs back also after a failure",
    flag: { name: "copyOutAlways", placeholder: "", parse: String },
  },
  maxOutputsBytes: {
    type: "number",
    range: {},
    summary: "most disk space that the outputs of a command may take here",
    defaultText: "4G",
    flag: { name: "maxOutputs", placeholder: "MIB|2G", parse: parseSize },
  },
};

/** Returns the bytes of a size such as `512M`. @throws {SyntaxError} if it is not a size. */
function parseSize(text: string): number {
  const bytes = parseMemoryMib(text) * 2 ** 20;
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new SyntaxError(`"${text}" is too large`);
}

/**
 * Splits `GUEST:HOST` at its first colon.
 *
 * @returns the path where the command runs, then the path on this machine
 * @throws {SyntaxError} if it has no colon, or nothing before or after it.
 */
export function parseOutput(text: string): readonly [string, string] {
  const colon = text.indexOf(":");
  if (colon > 0 && colon < text.length - 1) return [text.slice(0, colon), text.slice(colon + 1)];
  throw new SyntaxError(`"${text}" is not an output such as GUEST:HOST`);
}
