// Which processes of this machine carry a mark in their environment.

/** The variable that marks what a test has started; children inherit it. */
export const MARK_VARIABLE = "EXECVM_TEST_MARK";

/** Prints the command line of each process with `$1` in its environment; zombies have none. */
const LIST = `
for file in $(grep -lsF -- "$1" /proc/[0-9]*/environ); do
  line=$(tr '\\0' ' ' < "\${file%environ}cmdline") && [ -n "$line" ] && echo "$line"
done 2>/dev/null
exit 0`;

/** A mark that no other test has. */
export function newMark(): string {
  return crypto.randomUUID();
}

/** The command lines of all running processes whose environment has the mark. */
export async function processesWith(mark: string): Promise<string[]> {
  // By a shell, as Deno lets nobody read /proc who may not do everything.
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", LIST, "sh", `${MARK_VARIABLE}=${mark}`],
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

/** The ids of all running processes whose command line matches. */
export async function processesLike(pattern: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("pgrep", { args: ["-f", pattern] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}
