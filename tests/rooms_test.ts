// Checks the rooms, that is, the folders of the sources, and what each of them may import.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { tempDir } from "./support/temp_dir.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * Each room and the rooms that it may import, which stand above it. Types and lazy imports count. A
 * new folder needs a row; a room that is no longer imported must be removed from the row.
 */
const ROOMS = `
src/libc:
src/archive: src/libc
src/ext4: src/archive
src/workspace: src/archive src/ext4
src/self:
src/host: src/libc
src/machine: src/libc
src/model: src/libc src/workspace src/host
src/blocks: src/libc src/model
src/chain: src/self src/model
src/io: src/libc src/archive src/host src/model
src/disks: src/host src/machine src/model
src/kernels: src/self src/host src/machine src/model src/io
src/runners/contract: src/libc src/host src/model src/blocks src/chain src/io
src/qemu: src/libc src/host src/machine src/model src/disks
src/guest: src/libc src/machine src/chain
src/observe: src/libc src/self src/host src/model src/io
src/runners/local: src/libc src/self src/host src/model src/chain src/io src/runners/contract
src/runners/docker: src/libc src/host src/model src/io src/runners/contract src/runners/local
src/fan_out: src/libc src/host src/model src/blocks src/io src/runners/contract
src/copy: src/libc src/archive src/host src/model src/runners/contract
src/run: src/libc src/archive src/host src/model src/blocks src/io src/runners/contract
    src/runners/local src/runners/docker src/copy src/fan_out
guest-build: src/archive src/self src/host src/machine src/model src/blocks src/kernels
    src/runners/local src/run
src/images: src/archive src/host src/machine src/model src/blocks src/io src/disks src/run
src/vm: src/libc src/host src/machine src/model src/disks src/kernels src/qemu guest-build
src/bundle: src/self src/host src/model src/kernels guest-build
src/runners/remote: src/libc src/self src/host src/model src/io src/runners/contract src/bundle
src/prepare: src/libc src/archive src/ext4 src/host src/machine src/model src/disks
    src/runners/contract guest-build src/images src/vm
src/runners/vm: src/libc src/machine src/model src/chain src/io src/disks src/runners/contract
    src/qemu src/vm src/runners/remote src/prepare
src/runners/ssh: src/libc src/host src/model src/io src/runners/contract src/runners/local
    src/runners/remote
src/runners/slurm: src/libc src/host src/model src/io src/runners/contract src/runners/local
    src/runners/remote
src/runners/void: src/host src/model src/io src/runners/contract
src/code: src/libc src/ext4 src/workspace src/host src/machine src/model src/blocks src/io src/disks
    src/runners/contract guest-build src/images src/vm src/prepare src/runners/vm
src/runners: src/libc src/model src/blocks src/runners/contract src/runners/local
    src/runners/docker src/runners/vm src/runners/ssh src/runners/slurm src/runners/void src/code
src/mcp: src/workspace src/self src/host src/model src/io src/kernels src/runners/contract src/run
    src/prepare src/runners/vm src/runners src/code
mod.ts: src/libc src/ext4 src/workspace src/model src/blocks src/io src/disks
    src/runners/contract src/observe src/runners/local src/runners/docker src/run src/images
    src/vm src/runners/remote src/prepare src/runners/vm src/runners/ssh src/runners/slurm
    src/runners/void src/runners src/code
kernel: src/host src/machine src/model src/kernels mod.ts
src/cli/frame: src/libc src/host src/model
src/cli/flags: src/host src/model src/kernels src/runners/contract src/vm src/prepare src/runners
    src/cli/frame
src/cli/help: src/model src/runners/contract src/runners src/cli/frame src/cli/flags
src/cli/complete: src/model src/cli/frame src/cli/flags
src/cli/commands: src/libc src/self src/host src/machine src/model src/blocks src/chain src/io
    src/kernels src/runners/contract src/observe src/runners/local src/runners/docker src/copy src/run
    guest-build src/vm src/runners/remote src/prepare src/runners/ssh src/runners/slurm src/runners
    src/code src/mcp kernel src/cli/frame src/cli/flags src/cli/help src/cli/complete
src/cli: src/self src/cli/frame src/cli/flags src/cli/help src/cli/commands
`;

/** The files at the root that may be imported, and the only room that may import them. */
const VERSION_FILE = { path: "deno.json", importer: "src/self" } as const;

/**
 * The files that name others by `import.meta`: to read, bundle or start them, and one lazy import.
 */
const NAMES_FILES = [
  "guest-build/sources.ts",
  "src/bundle/bundle_module.ts",
  "src/bundle/compile.ts",
  "src/bundle/module.ts",
  "src/bundle/own_program.ts",
  "src/bundle/script.ts",
  "src/cli/commands/mcp_server.ts",
  "src/cli/main.ts",
  "src/cli/main_of_module.ts",
  "src/kernels/fragments.ts",
  "src/self/own_form.ts",
  "src/self/start_again.ts",
  "src/self/version.ts",
] as const;

/**
 * The lazy import that names its module by `import.meta`, as Deno would resolve its packages at
 * each start.
 */
const BY_PLACE = {
  file: "src/cli/commands/mcp_server.ts",
  code: 'import(import.meta.resolve("../../mcp/serve.ts"))',
  target: "src/mcp/serve.ts",
} as const;

/** A file that Deno can run as a module. */
const MODULE = /\.[cm]?[jt]sx?$/;

function* modulesBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(`${ROOT}/${folder}`)) {
    if (isDirectory) yield* modulesBelow(`${folder}/${name}`);
    else if (MODULE.test(name)) yield `${folder}/${name}`;
  }
}

const FILES = [
  ...[...Deno.readDirSync(ROOT)].map(({ name }) => name).filter((name) => MODULE.test(name)),
  ...["src", "guest-build", "kernel"].flatMap((folder) => [...modulesBelow(folder)]),
];
const CODES = new Map(
  FILES.map((file) => [file, withoutComments(Deno.readTextFileSync(`${ROOT}/${file}`))]),
);

/** Comments may have examples. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/(?!\/).*$/gm, "");
}

/** One import of a module: its specifier, and the module that it resolves to. */
interface Import {
  readonly specifier: string;
  readonly url: string;
}

/** The entry of a module in `deno info --json`. */
interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

/**
 * The imports of modules as Deno reports them, including types and lazy imports with a literal
 * name.
 */
function importsOf(paths: readonly string[]): Map<string, readonly Import[]> {
  using folder = tempDir();
  const main = `${folder.path}/main.ts`;
  Deno.writeTextFileSync(main, paths.map((path) => `import ${JSON.stringify(path)};\n`).join(""));
  const { success, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-config", "--no-lock", main],
  }).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: ModuleInfo[] };
  return new Map(modules.map(({ specifier, dependencies = [] }) => [
    specifier,
    dependencies.map(({ specifier, code, type }) => ({
      specifier,
      url: code?.specifier ?? type?.specifier ?? specifier,
    })),
  ]));
}

const graph = importsOf(FILES.map((file) => ROOT + file));

/** The imports of a file. */
function importsIn(file: string): readonly Import[] {
  return graph.get(`file://${ROOT}${file}`)!;
}

/** The files that a file imports, by their paths from the root. */
function filesImportedBy(file: string): string[] {
  const byPlace = file === BY_PLACE.file ? [BY_PLACE.target] : [];
  return [
    ...importsIn(file).filter(({ url }) => url.startsWith("file:"))
      .map(({ url }) => fileURLToPath(url).slice(ROOT.length)),
    ...byPlace,
  ];
}

/** The room of a file: its folder. */
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

Deno.test("every form of an import is detected", () => {
  using folder = tempDir();
  const forms = [
    (path: string) => `import "${path}";`,
    (path: string) => `  /* "; */ import { a } from '${path}';`,
    (path: string) => `import type { b /* ; */ } from "${path}";`,
    (path: string) => `export * from "${path}";`,
    (path: string) => `export type { c } from "${path}";`,
    (path: string) => `let d: import("${path}").D;`,
    (path: string) => `const e = await import("${path}");`,
    (path: string) => `const f = () => import( /* */\n\`${path}\`);`,
  ];
  const paths = forms.map((form, index) => {
    Deno.writeTextFileSync(`${folder.path}/${index}.ts`, "export {};");
    Deno.writeTextFileSync(`${folder.path}/from_${index}.ts`, form(`./${index}.ts`));
    return `${folder.path}/from_${index}.ts`;
  });
  const seen = importsOf(paths);
  const targets = paths.map((path) => seen.get(`file://${path}`)?.map(({ url }) => url));
  assert.deepEqual(targets, forms.map((_, index) => [`file://${folder.path}/${index}.ts`]));
});

Deno.test("modules are imported by literal names, so that Deno can report them", () => {
  const strays = [...CODES].flatMap(([file, code]) => {
    const rest = file === BY_PLACE.file ? code.replace(BY_PLACE.code, "") : code;
    const lazy = [...rest.matchAll(/\bimport\s*\((?!(["'])[^"']+\1[),])/g)];
    return [...lazy, ...rest.matchAll(/\brequire\(["'`]|\/\/\/\s*<reference/g)].map(() => file);
  });
  assert.deepEqual(strays, []);
  assert.ok(CODES.get(BY_PLACE.file)!.includes(BY_PLACE.code));
});

Deno.test("only listed files name others by import.meta", () => {
  const naming = [...CODES].filter(([, code]) => /\bimport\.meta\b/.test(code));
  assert.deepEqual(naming.map(([file]) => file).sort(), [...NAMES_FILES]);
});

Deno.test("shipped code imports only relative files, node: and versioned npm: packages", () => {
  const strays = FILES.flatMap((file) =>
    importsIn(file).map(({ specifier }) => specifier)
      .filter((it) =>
        !/^\.{1,2}\/.*(\.ts|\bdeno\.json)$|^node:|^npm:(@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+/.test(it)
      )
      .map((specifier) => `${file}: ${specifier}`)
  );
  assert.deepEqual(strays, []);
});

Deno.test("src/blocks holds no Deno. and no await", () => {
  for (const [file, code] of CODES) {
    if (file.startsWith("src/blocks/")) assert.doesNotMatch(code, /\bDeno\.|\bawait\b/, file);
  }
});

Deno.test("every source is a .ts file in a room of the table, and every room has sources", () => {
  assert.deepEqual(FILES.filter((file) => !file.endsWith(".ts")), []);
  assert.deepEqual([...new Set(FILES.map(roomOf))].sort(), [...allowed.keys()].sort());
});

Deno.test("a room may import only rooms above it in the table", () => {
  const order = [...allowed.keys()];
  const strays = [...allowed].flatMap(([room, rooms]) =>
    rooms.filter((above) => !order.slice(0, order.indexOf(room)).includes(above))
      .map((above) => `${room}: ${above}`)
  );
  assert.deepEqual(strays, []);
});

Deno.test("no file imports a room that its own may not import", () => {
  const strays = imports
    .filter(({ file, target }) => !allowed.get(roomOf(file))?.includes(roomOf(target)))
    .map(({ file, target }) => `${file} -> ${target}`);
  assert.deepEqual(strays, []);
});

Deno.test("every room in a row is imported", () => {
  const used = new Set(imports.map(({ file, target }) => `${roomOf(file)}: ${roomOf(target)}`));
  const unused = [...allowed].flatMap(([room, rooms]) => rooms.map((above) => `${room}: ${above}`))
    .filter((pair) => !used.has(pair));
  assert.deepEqual(unused, []);
});

Deno.test("no file imports itself through others, types included", () => {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    assert.ok(!way.includes(file), `a circle: ${[...way, file].join(" -> ")}`);
    if (done.has(file) || !CODES.has(file)) return;
    for (const next of filesImportedBy(file)) visit(next, [...way, file]);
    done.add(file);
  };
  FILES.forEach((file) => visit(file, []));
});
