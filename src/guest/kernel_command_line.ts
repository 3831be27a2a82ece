// What the kernel command line asks of the guest.

const KEY = "execvm.run=";

/** The commands of `execvm.run=`: an argv, or a list of them, as JSON in base64. None: an empty list. */
export function commandsOf(commandLine: string): readonly (readonly string[])[] {
  const word = commandLine.trim().split(/\s+/).find((candidate) => candidate.startsWith(KEY));
  if (word === undefined) return [];
  const json = new TextDecoder().decode(Uint8Array.fromBase64(word.slice(KEY.length)));
  const value: unknown = JSON.parse(json);
  if (isArgv(value)) return [value];
  if (Array.isArray(value) && value.length > 0 && value.every(isArgv)) return value;
  throw new Error(`Cannot run what ${KEY} says as it is no list of strings: ${json.slice(0, 200)}`);
}

function isArgv(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 &&
    value.every((word) => typeof word === "string");
}
