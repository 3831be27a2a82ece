// Reads the commands to run from the kernel command line.

const KEY = "execvm.run=";

/**
 * The commands of `execvm.run=`: an argv, or a list of them, as JSON in base64. Empty if it is not
 * there.
 *
 * @throws {Error} if it is not a list of strings, or of such lists.
 */
export function commandsOf(commandLine: string): readonly (readonly string[])[] {
  const word = commandLine.trim().split(/\s+/).find((candidate) => candidate.startsWith(KEY));
  if (word === undefined) return [];
  const json = new TextDecoder().decode(Uint8Array.fromBase64(word.slice(KEY.length)));
  const value: unknown = JSON.parse(json);
  if (isArgv(value)) return [value];
  if (Array.isArray(value) && value.length > 0 && value.every(isArgv)) return value;
  throw new Error(`cannot run ${KEY}: it is not a list of strings: ${json.slice(0, 200)}`);
}

function isArgv(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 &&
    value.every((word) => typeof word === "string");
}
