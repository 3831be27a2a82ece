// Decides which test files are run by one process, one after the other.

/** Modules of servers that a test process starts once; files that use the same one share it. */
const SERVER = /\/support\/(slurm|docker)\.ts"/;

/** Groups that take minutes, which start first, so that nothing long is left for the end. */
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

/**
 * Groups files by process: those that use a server, otherwise those in a folder of `tests`; long
 * groups first.
 */
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
