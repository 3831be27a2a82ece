// Finds the version of a QEMU program.

import { toolPath } from "../host/program_path.ts";
import { within } from "../host/time_limit.ts";

/** The oldest supported QEMU: that of Ubuntu 22.04. */
export const OLDEST_QEMU = "6.2";

const LIMIT_MS = 10_000;

const versions = new Map<string, Promise<string | undefined>>();

/**
 * The version of a QEMU program, such as `7.2.22`; `undefined` if it does not print one. Each
 * program is run once.
 */
export function qemuVersion(program: string): Promise<string | undefined> {
  const known = versions.get(program) ?? ask(program).catch(() => undefined);
  versions.set(program, known);
  return known;
}

/** Why a version does not work, as a clause; undefined if it does, or is unknown. */
export function versionFault(version: string | undefined): string | undefined {
  if (version === undefined || !isOlder(version, OLDEST_QEMU)) return undefined;
  return `it is version ${version}, and ${OLDEST_QEMU} is the oldest that works`;
}

/** Parses the version from the output of `qemu --version`. */
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
