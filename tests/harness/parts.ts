// The parts of the tests, and the selection of their files by a command line.

import { fileURLToPath } from "node:url";
import { makeOneFile } from "../../src/bundle/one_file.ts";
import { HOST_ARCH } from "../../src/machine/architectures.ts";
import { compileExecvm } from "./compile_execvm.ts";
import { DENORT_VERSION } from "./denort.ts";
import { CERTIFICATES } from "./network_variables.ts";
import type { Part } from "./test_run.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

const SANITIZE = ["--sanitize-ops", "--sanitize-resources"] as const;
const PRELOAD = "--preload=tests/support/lasting.ts";
const LOCK = `--lock=${ROOT}/deno.lock`;
const LOCAL_RUNNER = ["tests/conformance/local_test.ts"] as const;

/**
 * Returns all parts. The executable for the tests of the command line is built in `folder`.
 *
 * @param paths files and folders that select tests; none selects all
 * @throws {Error} if one of them has no tests.
 */
export async function selectParts(folder: string, paths: readonly string[] = []): Promise<Part[]> {
  const oneFile = { ...commandLine(), env: { EXECVM_BIN: `${folder}/execvm` } };
  const selected = pick([...everyPart(), oneFile], paths);
  if (selected.some(({ env }) => env !== undefined)) await makeOneFile(`${folder}/execvm`);
  return selected;
}

/**
 * Returns the part that tests the compiled executable, also as its own guest. It is built in
 * `folder`, by the version of Deno that has a denort.
 *
 * @throws {Error} if one of `paths` has no such tests, or building fails.
 */
export async function selectCompiled(
  folder: string,
  paths: readonly string[] = [],
): Promise<Part[]> {
  const binary = `${folder}/execvm`;
  const selected = pick([{
    ...commandLine(),
    title: `the command line, compiled by Deno ${DENORT_VERSION}, and its guest`,
    files: [
      ...commandLine().files,
      ...filesBelow("tests/compiled", (path) => path.endsWith("_test.ts")),
    ],
    env: { EXECVM_BIN: binary, EXECVM_BIN_DENO: DENORT_VERSION },
  }], paths);
  await compileExecvm(binary, HOST_ARCH);
  return selected;
}

/** Returns the parts with only the selected files, without parts that have none. */
function pick(all: readonly Part[], paths: readonly string[]): Part[] {
  const wanted = paths.map(toRelative);
  const parts = all.map((part) => ({
    ...part,
    files: part.files.filter((file) => isWanted(file, wanted)),
  }));
  for (const path of wanted) {
    if (parts.every(({ files }) => !files.some((file) => isWanted(file, [path])))) {
      throw new Error(`cannot test ${path}: it has no tests`);
    }
  }
  return parts.filter(({ files }) => files.length > 0);
}

function everyPart(): Part[] {
  return [
    {
      title: "tests",
      files: filesBelow("tests", (path) => path.endsWith("_test.ts") && !isOfCompiled(path)),
      flags: ["-A", LOCK, ...SANITIZE, PRELOAD],
    },
    {
      title: "the local runner, without FFI",
      files: LOCAL_RUNNER,
      flags: ["-A", LOCK, "--deny-ffi", ...SANITIZE, PRELOAD],
    },
    {
      title: "the examples in the documentation",
      files: [
        "mod.ts",
        ...["src", "guest-build", "kernel"].flatMap((it) => filesBelow(it, hasExample)),
      ],
      flags: ["-A", LOCK, "--doc"],
    },
  ];
}

/** Whether a file tests what only the compiled execvm does: `deno task test:compiled`. */
function isOfCompiled(path: string): boolean {
  return path.startsWith("tests/compiled/");
}

function commandLine(): Part {
  return {
    title: "the command line, as one executable",
    files: filesBelow("tests/cli", (path) => path.endsWith("_test.ts") && startsExecvm(path)),
    flags: ["-A", LOCK, "--no-check", ...SANITIZE, PRELOAD],
  };
}

/** Returns the part that tests the local runner with the oldest supported Deno. */
export function oldestDeno(version: string): Part {
  return {
    title: `the local runner, on Deno ${version}`,
    deno: ["npx", "--yes", `deno@${version}`],
    files: LOCAL_RUNNER,
    flags: ["-A", LOCK, "--no-check", PRELOAD],
    env: CERTIFICATES,
  };
}

/**
 * Whether a test starts the program under test; all others test the sources, so the program does
 * not matter.
 */
function startsExecvm(path: string): boolean {
  return Deno.readTextFileSync(path).includes('/support/cli.ts"');
}

function hasExample(path: string): boolean {
  return path.endsWith(".ts") && Deno.readTextFileSync(path).includes(" * ```ts\n");
}

/** Returns the files below a folder, sorted, as paths relative to the root. */
function filesBelow(folder: string, keep: (path: string) => boolean): string[] {
  const entries = [...Deno.readDirSync(`${ROOT}/${folder}`)]
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return filesBelow(path, keep);
    return keep(path) ? [path] : [];
  });
}

function isWanted(file: string, wanted: readonly string[]): boolean {
  return wanted.length === 0 || wanted.some((path) => file === path || file.startsWith(`${path}/`));
}

function toRelative(path: string): string {
  const absolute = Deno.realPathSync(path);
  return absolute === ROOT ? "." : absolute.slice(ROOT.length + 1);
}
