// Which QEMU a program is.

import { toolPath } from "../host/program_path.ts";
import { within } from "../host/time_limit.ts";

/** The oldest QEMU that is supported: that of Ubuntu 22.04. */
export const OLDEST_QEMU = "6.2";

const LIMIT_MS = 10_000;

const versions = new Map<string, Promise<string | undefined>>();

/**
 * The version of a QEMU, such as `7.2.22`; `undefined` if the program does not say. A program is asked
 * once.
 */
export function qemuVersion(program: string): Promise<string | undefined> {
  const known = versions.get(program) ?? ask(program).catch(() => undefined);
  versions.set(program, known);
  return known;
}

/** What is wrong with a version, if something is. */
export function versionFault(version: string | undefined): string | undefined {
  if (version === undefined || !isOlder(version, OLDEST_QEMU)) return undefined;
  return `it is version ${version}, and ${OLDEST_QEMU} is the oldest that works`;
}

/** The version that `qemu --version` prints. */
export function parseQemuVersion(text: string): string | undefined {
  return /QEMU emulator version (\d+(?:\.\d+)+)/.exec(text)?.[1];
}

async function ask(program: string): Promise<string | undefined> {
  const child = new Deno.Command(toolPath(program), {
    args: ["--version"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = await within(child.output(), LIMIT_MS);
  if (output !== undefined) return parseQemuVersion(new TextDecoder().decode(output.stdout));
  child.kill("SIGKILL");
  return undefined;
}

function isOlder(version: string, oldest: string): boolean {
  const [left, right] = [version, oldest].map((text) => text.split(".").map(Number));
  const index = right!.findIndex((number, place) => (left![place] ?? 0) !== number);
  return index >= 0 && (left![index] ?? 0) < right![index]!;
}
