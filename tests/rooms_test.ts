// The rooms: the folders of the sources, and what each of them may import.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * Each room and the rooms that it may import, which stand above it. Types and lazy imports count. A new
 * folder needs a row; a room that is no longer imported is to be taken out of the row.
 */
const ROOMS = `
src/libc:
src/archive:
src/ext4:
src/workspace: src/archive src/ext4
src/self:
src/host: src/libc
src/machine: src/libc
src/model: src/libc src/host
src/blocks: src/model
src/chain: src/self src/model
src/io: src/libc src/archive src/host src/model
src/disks: src/host src/machine src/model
src/kernels: src/self src/host src/machine src/model
src/runners/contract: src/libc src/host src/model src/blocks src/chain src/io
src/qemu: src/libc src/host src/machine src/model src/disks
src/guest: src/libc src/machine src/chain
src/observe: src/libc src/self src/host src/model src/io
src/runners/local: src/libc src/self src/host src/model src/io src/runners/contract
src/runners/docker: src/libc src/host src/model src/io src/runners/contract src/runners/local
src/fan_out: src/host src/model src/blocks src/io src/runners/contract
src/run: src/libc src/archive src/host src/model src/blocks src/io src/runners/contract
    src/runners/local src/runners/docker src/fan_out
guest-build: src/archive src/self src/host src/machine src/model src/blocks src/kernels
    src/runners/local src/run
src/images: src/archive src/host src/machine src/model src/blocks src/disks src/run
src/vm: src/libc src/host src/machine src/model src/disks src/kernels src/qemu guest-build
src/bundle: src/self src/host src/model src/kernels guest-build
src/runners/remote: src/libc src/self src/host src/model src/io src/runners/contract src/bundle
src/prepare: src/libc src/archive src/host src/machine src/model src/disks
    src/runners/contract guest-build src/images src/vm
src/runners/vm: src/libc src/machine src/model src/chain src/io src/disks src/runners/contract
    src/qemu src/vm
src/runners/ssh: src/libc src/host src/model src/io src/runners/contract src/runners/local
    src/runners/remote
src/runners/slurm: src/libc src/host src/model src/io src/runners/contract src/runners/local
    src/runners/remote
src/runners: src/host src/model src/blocks src/io src/runners/contract src/runners/local
    src/runners/docker src/runners/vm src/runners/ssh src/runners/slurm
src/code: src/libc src/ext4 src/workspace src/host src/machine src/model src/blocks src/disks
    src/runners/contract guest-build src/images src/vm src/prepare src/runners/vm
src/mcp: src/workspace src/self src/host src/model src/io src/runners/contract src/run
    src/prepare src/runners/vm src/runners src/code
mod.ts: src/libc src/ext4 src/workspace src/model src/blocks src/io src/disks
    src/runners/contract src/observe src/runners/local src/runners/docker src/run src/images
    src/vm src/runners/remote src/prepare src/runners/vm src/runners/ssh src/runners/slurm
    src/runners src/code
kernel: src/host src/machine src/model src/kernels mod.ts
src/cli/frame: src/libc src/model
src/cli/flags: src/model src/kernels src/runners/contract src/vm src/prepare src/runners
    src/cli/frame
src/cli/help: src/model src/runners/contract src/runners src/cli/frame src/cli/flags
src/cli/complete: src/cli/frame src/cli/flags
src/cli/commands: src/libc src/self src/host src/machine src/model src/blocks src/chain src/io
    src/kernels src/runners/contract src/observe src/runners/local src/runners/docker src/run
    guest-build src/vm src/runners/remote src/prepare src/runners/ssh src/runners/slurm src/runners
    src/code src/mcp kernel src/cli/frame src/cli/flags src/cli/help src/cli/complete
src/cli: src/self src/cli/frame src/cli/help src/cli/commands
`;

/** What stands at the root and may be imported, and the one room that may. */
const VERSION_FILE = { path: "deno.json", importer: "src/self" } as const;

const IMPORT =
  /^(?:import|export)\s+(?:type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\((?:import\.meta\.resolve\()?"([^"]+)"\)/gm;

/** A line of a comment, where an example may import what it is about. */
const COMMENT = /^\s*\*.*$/gm;

/** The specifiers that a module imports: types, values and what it loads lazily. */
function importsOf(text: string): string[] {
  return [...text.replaceAll(COMMENT, "").matchAll(IMPORT)].map(([, fixed, lazy]) =>
    (fixed ?? lazy)!
  );
}

function* sourcesBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(`${ROOT}/${folder}`)) {
    if (isDirectory) yield* sourcesBelow(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield `${folder}/${name}`;
  }
}

const FILES = [
  "mod.ts",
  ...["src", "guest-build", "kernel"].flatMap((folder) => [...sourcesBelow(folder)]),
];
const TEXTS = new Map(FILES.map((file) => [file, Deno.readTextFileSync(`${ROOT}/${file}`)]));

/** The files that a file imports, by their paths from the root. */
function filesImportedBy(file: string): string[] {
  return importsOf(TEXTS.get(file)!).filter((specifier) => specifier.startsWith("."))
    .map((specifier) => new URL(specifier, `file:///${file}`).pathname.slice(1));
}

/** The room that a file stands in: its folder. */
function roomOf(file: string): string {
  return file.includes("/") ? file.slice(0, file.lastIndexOf("/")) : file;
}

/** The rooms that each room may import, in the order of the table. */
const allowed = new Map(
  ROOMS.trim().split(/\n(?!\s)/).map((row): [string, string[]] => {
    const [room, ...rooms] = row.split(/:?\s+|:$/).filter(Boolean);
    return [room!, rooms];
  }),
);

/** Every import of another room. */
const imports = FILES.flatMap((file) =>
  filesImportedBy(file)
    .filter((target) => roomOf(target) !== roomOf(file))
    .filter((target) => target !== VERSION_FILE.path || roomOf(file) !== VERSION_FILE.importer)
    .map((target) => ({ file, target }))
);

Deno.test("the pattern finds static, type, re-exported and lazy imports", () => {
  const text = [
    'import "a";',
    'import { b } from "b";',
    "import type {",
    "  c,",
    '} from "c";',
    'export { d } from "d";',
    'const e = await import("e");',
    'const f = () => import(import.meta.resolve("f"));',
    ' * import { g } from "g";',
  ].join("\n");
  assert.deepEqual(importsOf(text), ["a", "b", "c", "d", "e", "f"]);
});

Deno.test("shipped code imports relative files, node: and versioned npm: packages only", () => {
  const strays = [...TEXTS].flatMap(([file, text]) =>
    importsOf(text)
      .filter((it) =>
        !/^\.{1,2}\/.*(\.ts|\bdeno\.json)$|^node:|^npm:(@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+/.test(it)
      )
      .map((specifier) => `${file}: ${specifier}`)
  );
  assert.deepEqual(strays, []);
});

Deno.test("src/blocks holds no Deno. and no await", () => {
  for (const file of FILES.filter((name) => name.startsWith("src/blocks/"))) {
    const code = TEXTS.get(file)!.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, "");
    assert.doesNotMatch(code, /\bDeno\.|\bawait\b/, file);
  }
});

Deno.test("every source stands in a room of the table, and every room has sources", () => {
  assert.deepEqual([...new Set(FILES.map(roomOf))].sort(), [...allowed.keys()].sort());
});

Deno.test("a room may import only rooms that stand above it", () => {
  const order = [...allowed.keys()];
  const strays = [...allowed].flatMap(([room, rooms]) =>
    rooms.filter((above) => !order.slice(0, order.indexOf(room)).includes(above))
      .map((above) => `${room}: ${above}`)
  );
  assert.deepEqual(strays, []);
});

Deno.test("no file imports a room that its own may not", () => {
  const strays = imports
    .filter(({ file, target }) => !allowed.get(roomOf(file))?.includes(roomOf(target)))
    .map(({ file, target }) => `${file} -> ${target}`);
  assert.deepEqual(strays, []);
});

Deno.test("the table names no room that is not imported", () => {
  const used = new Set(imports.map(({ file, target }) => `${roomOf(file)}: ${roomOf(target)}`));
  const unused = [...allowed].flatMap(([room, rooms]) => rooms.map((above) => `${room}: ${above}`))
    .filter((pair) => !used.has(pair));
  assert.deepEqual(unused, []);
});

Deno.test("no file imports itself, by whatever way round, types counted", () => {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    assert.ok(!way.includes(file), `a circle: ${[...way, file].join(" -> ")}`);
    if (done.has(file) || !TEXTS.has(file)) return;
    for (const next of filesImportedBy(file)) visit(next, [...way, file]);
    done.add(file);
  };
  FILES.forEach((file) => visit(file, []));
});
