// Finds the processes of this machine that have a mark in their environment.

/** The variable that marks the processes of a test; children inherit it. */
export const MARK_VARIABLE = "EXECVM_TEST_MARK";

/** Prints the command line of each process with `$1` in its environment; zombies have none. */
const LIST = `
for file in $(grep -lsF -- "$1" /proc/[0-9]*/environ); do
  line=$(tr '\\0' ' ' < "\${file%environ}cmdline") && [ -n "$line" ] && echo "$line"
done 2>/dev/null
exit 0`;

/** Returns a unique mark. */
export function newMark(): string {
  return crypto.randomUUID();
}

/** Returns the command lines of all running processes whose environment has the mark. */
export async function processesWith(mark: string): Promise<string[]> {
  // By a shell, because Deno only allows reading /proc with all permissions.
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", LIST, "sh", `${MARK_VARIABLE}=${mark}`],
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

/** Returns the pids of all running processes whose command line matches. */
export async function processesLike(pattern: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("pgrep", { args: ["-f", pattern] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}
