// Runs execvm as a user would.

import { fileURLToPath } from "node:url";

/** The program under test: `EXECVM_BIN`, or the sources. */
export const EXECVM: readonly [string, ...string[]] = program();

/**
 * The version of Deno that EXECVM_BIN was compiled with; undefined if the program under test is not
 * compiled.
 */
export const COMPILED_BY: string | undefined = Deno.env.get("EXECVM_BIN_DENO");

/** The result of a run of execvm. */
export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs execvm with these arguments. */
export async function execvm(
  args: readonly string[],
  options: { stdin?: string; env?: Record<string, string>; cwd?: string } = {},
): Promise<CliRun> {
  const { stdin = "", ...rest } = options;
  const child = new Deno.Command(EXECVM[0], {
    args: [...EXECVM.slice(1), ...args],
    ...rest,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const feed = async () => {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin)).catch(() => {});
    await writer.close().catch(() => {});
  };
  const [{ code, stdout, stderr }] = await Promise.all([child.output(), feed()]);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function program(): readonly [string, ...string[]] {
  const binary = Deno.env.get("EXECVM_BIN");
  if (binary !== undefined) return [binary];
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  return [Deno.execPath(), "run", "-A", "--quiet", "--no-config", "--no-lock", "--no-check", main];
}
