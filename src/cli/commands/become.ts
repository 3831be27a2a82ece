// Replaces this process by the command, for `execvm run` of a local command that needs no
// supervision.

import { folderFault } from "../../host/fault.ts";
import { emptyStdin } from "../../libc/fd.ts";
import { enterFolder } from "../../libc/folder.ts";
import { showWord } from "../../libc/word.ts";
import { execInPlace } from "../../runners/local/exec_in_place.ts";

/** The command to become, and how. */
export interface Becoming {
  readonly argv: readonly string[];
  /** Variables that are added to our environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  /** Whether stdin is left unread: the command gets an empty one. */
  readonly noStdin: boolean;
  readonly verbose: boolean;
}

/**
 * Executes the command in place of this process.
 *
 * @throws {ProgramError} if it is not found or not executable.
 */
export async function become({ argv, env, cwd, noStdin, verbose }: Becoming): Promise<never> {
  if (cwd !== undefined) changeFolder(cwd);
  if (verbose) await sayBecoming(argv);
  if (noStdin) emptyStdin();
  execInPlace(argv, env);
}

function changeFolder(cwd: string): void {
  try {
    enterFolder(cwd);
  } catch (error) {
    throw new Error(`cannot run in ${showWord(cwd)}: ${folderFault(error)}`);
  }
}

async function sayBecoming(argv: readonly string[]): Promise<void> {
  const [{ Narrator }, { quoteArgv }] = await Promise.all([
    import("./narrator.ts"),
    import("../../host/quote.ts"),
  ]);
  using narrator = new Narrator();
  narrator.say(`this process becomes: ${quoteArgv(argv)}`);
}
