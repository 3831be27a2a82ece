// The layers of the sources: who may import whom.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Import {
  readonly specifier: string;
  readonly isType: boolean;
}

const IMPORT =
  /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\("([^"]+)"\)/gm;

/** A line of a comment, where an example may import what it is about. */
const COMMENT = /^\s*\*.*$/gm;

function importsOf(text: string): Import[] {
  return [...text.replaceAll(COMMENT, "").matchAll(IMPORT)].map(([, type, fixed, lazy]) => ({
    specifier: (fixed ?? lazy)!,
    isType: type !== undefined,
  }));
}

function* sources(folder: string): Generator<string> {
  if (!existsSync(`${ROOT}/${folder}`)) return;
  for (const { name, isDirectory } of Deno.readDirSync(`${ROOT}/${folder}`)) {
    if (isDirectory) yield* sources(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield `${folder}/${name}`;
  }
}

const FILES = ["mod.ts", ...sources("src"), ...sources("guest-build"), ...sources("kernel")];
const TEXTS = new Map(FILES.map((file) => [file, Deno.readTextFileSync(`${ROOT}/${file}`)]));

/** The files that a file imports, by their paths from the root. */
function filesImportedBy(file: string, keep: (found: Import) => boolean): string[] {
  return importsOf(TEXTS.get(file)!).filter(keep).filter(({ specifier }) => specifier[0] === ".")
    .map(({ specifier }) => new URL(specifier, `file:///${file}`).pathname.slice(1));
}

/** Asserts that what a layer imports, other than types, is in `allowed`. */
function assertLayer(layer: RegExp, allowed: readonly RegExp[]): void {
  const files = FILES.filter((file) => layer.test(file));
  const strays = files.flatMap((file) =>
    filesImportedBy(file, ({ isType }) => !isType)
      .filter((target) => !allowed.some((pattern) => pattern.test(target)))
      .map((target) => `${file} -> ${target}`)
  );
  assert.deepEqual(strays, []);
}

Deno.test("the pattern finds static, type, re-exported and lazy imports", () => {
  const text = [
    'import "a";',
    'import { b } from "b";',
    "import type {",
    "  c,",
    '} from "c";',
    'export { d } from "d";',
    'const e = await import("e");',
  ].join("\n");
  assert.deepEqual(importsOf(text).map(({ specifier }) => specifier), ["a", "b", "c", "d", "e"]);
  assert.deepEqual(importsOf(text).filter(({ isType }) => isType).length, 1);
});

Deno.test("shipped code imports relative files, node: and versioned npm: packages only", () => {
  const strays = [...TEXTS].flatMap(([file, text]) =>
    importsOf(text).map(({ specifier }) => specifier)
      .filter((it) =>
        !/^\.{1,2}\/.*(\.ts|\bdeno\.json)$|^node:|^npm:(@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+/.test(it)
      )
      .map((specifier) => `${file}: ${specifier}`)
  );
  assert.deepEqual(strays, []);
});

Deno.test("src/blocks imports no runner and no vm, and is pure", () => {
  assertLayer(/^src\/blocks\//, [/^src\/blocks\//, /^src\/errors\.ts$/]);
  for (const file of FILES.filter((name) => name.startsWith("src/blocks/"))) {
    const code = TEXTS.get(file)!.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, "");
    assert.doesNotMatch(code, /\bDeno\.|\bawait\b/, file);
  }
});

Deno.test("src/model/plan.ts imports blocks only", () => {
  assertLayer(/^src\/plan\.ts$/, [/^src\/blocks\//, /^src\/quote\.ts$/]);
});

Deno.test("src/libc imports nothing but itself", () => {
  assertLayer(/^src\/libc\//, [/^src\/libc\//]);
});

Deno.test("src/archive imports nothing but itself", () => {
  assertLayer(/^src\/archive\//, [/^src\/archive\//]);
});

Deno.test("src/ext4 imports nothing but itself", () => {
  assertLayer(/^src\/ext4\//, [/^src\/ext4\//]);
});

Deno.test("src/workspace imports src/ext4 and src/archive only", () => {
  assertLayer(/^src\/workspace\//, [/^src\/(workspace|ext4|archive)\//]);
});

Deno.test("src/vm knows nothing of pipelines", () => {
  const strays = FILES.filter((file) => file.startsWith("src/vm/")).flatMap((file) =>
    filesImportedBy(file, () => true).filter((target) =>
      /^src\/(blocks|runners|cli)\/|^src\/(plan|execute|flow)\.ts/.test(target)
    )
  );
  assert.deepEqual(strays, []);
});

Deno.test("src/docker, src/ssh and src/slurm know nothing of how a pipeline runs", () => {
  const strays = FILES.filter((file) => /^src\/(docker|ssh|slurm)\//.test(file)).flatMap((file) =>
    filesImportedBy(file, () => true).filter((target) =>
      /^src\/(plan|execute|flow|command_stage)\.ts/.test(target)
    )
  );
  assert.deepEqual(strays, []);
});

Deno.test("src/fan_out runs plans as it is told to, and knows no runner", () => {
  assertLayer(/^src\/fan_out\//, [
    /^src\/(fan_out|blocks)\//,
    /^src\/(errors|item_failures|open_sink|outcome|stop|watchdog)\.ts$/,
  ]);
});

Deno.test("src/images imports archives, the engine and what roots and caches are; no machine", () => {
  assertLayer(/^src\/images\//, [
    /^src\/(images|archive|blocks)\//,
    /^src\/(engine|errors|stderr_tail)\.ts$/,
    /^src\/vm\/(cache|disk_header|printable)\.ts$/,
    /^guest-build\/(write_aside|scratch_folder|hash_file)\.ts$/,
  ]);
});

Deno.test("src/prepare makes images in machines, and knows nothing of code or the command line", () => {
  assertLayer(/^src\/prepare\//, [
    /^src\/(prepare|images|archive|vm)\//,
    /^src\/runners\/vm_(machine|options)\.ts$/,
    /^src\/(errors|stderr_tail|watchdog)\.ts$/,
    /^guest-build\/(scratch_folder|hash_file|stage_program)\.ts$/,
  ]);
});

Deno.test("src/code runs code on images, and knows nothing of pipelines or the command line", () => {
  assertLayer(/^src\/code\//, [
    /^src\/(code|prepare|images|workspace|ext4|vm)\//,
    /^src\/runners\/vm_(machine|options)\.ts$/,
    /^src\/(errors|watchdog)\.ts$/,
    /^guest-build\/(scratch_folder|write_aside|ensure_initrd)\.ts$/,
  ]);
});

Deno.test("src/guest imports src/libc, the protocol and the language of chains only", () => {
  assertLayer(/^src\/guest\//, [
    /^src\/guest\//,
    /^src\/libc\//,
    /^src\/vm\/protocol/,
    /^src\/chain\/chain_words\.ts$/,
  ]);
});

Deno.test("nothing but the command line imports the command line", () => {
  const strays = FILES.filter((file) => !file.startsWith("src/cli/")).flatMap((file) =>
    filesImportedBy(file, () => true).filter((target) => target.startsWith("src/cli/"))
      .map((target) => `${file} -> ${target}`)
  );
  assert.deepEqual(strays, []);
});

Deno.test("no file imports itself, by whatever way round", () => {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    assert.ok(!way.includes(file), `a circle: ${[...way, file].join(" -> ")}`);
    if (done.has(file) || !TEXTS.has(file)) return;
    for (const next of filesImportedBy(file, ({ isType }) => !isType)) visit(next, [...way, file]);
    done.add(file);
  };
  FILES.forEach((file) => visit(file, []));
});
