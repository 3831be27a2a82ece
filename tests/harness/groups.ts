// Which test files are run by one process, one after the other.

/** Servers that a process of tests starts once: those that use the same one share it. */
const SERVER = /\/support\/(slurm|docker)\.ts"/;

/** Groups that take minutes: they are begun first, so that nothing long is left for the end. */
const LONG = [
  "tests/vm",
  "slurm",
  "tests/code",
  "tests/conformance",
  "docker",
  "tests/prepare",
  "tests/readme_test.ts",
  "tests/cli",
  "tests/fan_out",
];

/** Files by the process that runs them: those of a server, else of a folder of `tests`; the longest groups first. */
export function groupFiles(
  files: readonly string[],
  textOf: (file: string) => string = Deno.readTextFileSync,
): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(files, (file) => SERVER.exec(textOf(file))?.[1] ?? folderOf(file));
  return new Map([...groups].sort(([a], [b]) => rankOf(a) - rankOf(b)));
}

function folderOf(file: string): string {
  return /^tests\/[^/]+/.exec(file)?.[0] ?? "";
}

function rankOf(group: string): number {
  const index = LONG.indexOf(group);
  return index === -1 ? LONG.length : index;
}
