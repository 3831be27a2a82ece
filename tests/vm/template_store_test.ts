// The store, with files of no real machine, as it does not read their contents.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  findTemplate,
  listTemplates,
  pruneTemplates,
  publishTemplate,
  removeTemplate,
  type TemplateAbout,
  templateFiles,
  templatePath,
  templatesDir,
} from "../../src/vm/template_store.ts";
import { ownCache } from "../kernels/fixture.ts";

const ABOUT: TemplateAbout = {
  machine: "q35",
  accel: "tcg",
  cpus: 1,
  memoryMib: 512,
  drives: [],
  network: "none",
  kernel: "/no/kernel",
};

/** Bytes of a template's memory here that are not holes. */
const MEMORY_BYTES = 1 << 20;

const KEY = keyOf(0);

const CHURN = fileURLToPath(new URL("../fixtures/churn_templates.ts", import.meta.url));

function keyOf(number: number): string {
  return String(number).padStart(32, "0");
}

/** Writes the files of a template to a temporary folder. */
function stage(name: string): string {
  const path = `${templatesDir()}/${name}`;
  Deno.mkdirSync(path, { recursive: true });
  const { memory, state } = templateFiles(path);
  Deno.writeFileSync(memory, new Uint8Array(MEMORY_BYTES).fill(7));
  Deno.writeTextFileSync(state, "the state");
  return path;
}

function publish(key: string): void {
  publishTemplate(key, stage(`.new-${key}`), ABOUT);
  nextTick(templatePath(key));
}

/**
 * Waits until the clock of the file system, which has coarse ticks, is past all times of a
 * template.
 */
function nextTick(path: string): void {
  const changed = Deno.statSync(`${path}/memory`).ctime!.getTime();
  const record = `${path}/template.json`;
  do Deno.chmodSync(record, 0o600); while (Deno.statSync(record).ctime!.getTime() === changed);
}

/** Moves the time of a template's last use into the past. */
function age(key: string, seconds: number): void {
  const then = new Date(Date.now() - seconds * 1000);
  Deno.utimeSync(`${templatePath(key)}/template.json`, then, then);
}

function names(): string[] {
  return [...Deno.readDirSync(templatesDir())].map(({ name }) => name).sort();
}

Deno.test("a published template is found, listed with its description, and removed", () => {
  using cache = ownCache();
  assert.equal(findTemplate(KEY), undefined);
  assert.deepEqual([listTemplates(), pruneTemplates(0), removeTemplate(KEY)], [[], [], false]);
  publish(KEY);
  const path = `${cache.path}/templates/${KEY}`;
  assert.deepEqual(findTemplate(KEY), templateFiles(path));
  const [listed, ...others] = listTemplates();
  assert.deepEqual([listed!.key, listed!.path, listed!.about, others], [KEY, path, ABOUT, []]);
  assert.ok(listed!.bytes >= MEMORY_BYTES && listed!.bytes < 2 * MEMORY_BYTES, `${listed!.bytes}`);
  assert.equal(removeTemplate(KEY), true);
  assert.deepEqual([findTemplate(KEY), names()], [undefined, []]);
});

Deno.test("a published template replaces an existing one", () => {
  using _cache = ownCache();
  publish(KEY);
  publishTemplate(KEY, stage(".new-again"), { ...ABOUT, cpus: 2 });
  assert.deepEqual(listTemplates().map(({ about }) => about?.cpus), [2]);
  assert.deepEqual(names(), [KEY]);
});

Deno.test("a sparse file counts with its disk usage", () => {
  using _cache = ownCache();
  const path = stage(".new-with-holes");
  Deno.truncateSync(templateFiles(path).memory, 1 << 30);
  publishTemplate(KEY, path, ABOUT);
  const { bytes } = listTemplates()[0]!;
  assert.ok(bytes >= MEMORY_BYTES && bytes < 2 * MEMORY_BYTES, `${bytes}`);
});

const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  "no memory": (path) => Deno.removeSync(`${path}/memory`),
  "a truncated memory": (path) => Deno.truncateSync(`${path}/memory`, 9),
  "a memory that has been written to": (path) => writeFirstByte(`${path}/memory`),
  "a memory with the time put back": (path) => {
    const { mtime } = Deno.statSync(`${path}/memory`);
    writeFirstByte(`${path}/memory`);
    Deno.utimeSync(`${path}/memory`, mtime!, mtime!);
  },
  "a copy of the memory": (path) => {
    Deno.copyFileSync(`${path}/memory`, `${path}/copy`);
    Deno.renameSync(`${path}/copy`, `${path}/memory`);
  },
  "no state": (path) => Deno.removeSync(`${path}/state`),
  "a truncated state": (path) => Deno.truncateSync(`${path}/state`, 3),
  "a state with other bytes": (path) => writeFirstByte(`${path}/state`),
  "no record": (path) => Deno.removeSync(`${path}/template.json`),
  "an empty record": (path) => Deno.truncateSync(`${path}/template.json`),
  "a truncated record": (path) => Deno.truncateSync(`${path}/template.json`, 20),
  "a record of null": (path) => Deno.writeTextFileSync(`${path}/template.json`, "null"),
  "a record of nothing": (path) => Deno.writeTextFileSync(`${path}/template.json`, "{}"),
  "a folder for a state": (path) => {
    Deno.removeSync(`${path}/state`);
    Deno.mkdirSync(`${path}/state`);
  },
};

function writeFirstByte(path: string): void {
  using file = Deno.openSync(path, { write: true });
  file.writeSync(Uint8Array.of(1));
}

for (const [name, damage] of Object.entries(DAMAGES)) {
  Deno.test(`${name} is detected, and the template removed`, () => {
    using _cache = ownCache();
    publish(KEY);
    damage(templatePath(KEY));
    assert.equal(listTemplates().length, 1);
    assert.equal(findTemplate(KEY), undefined);
    assert.deepEqual(names(), []);
    publish(KEY);
    assert.notEqual(findTemplate(KEY), undefined);
  });
}

Deno.test("a record of another shape is listed as damaged", () => {
  using _cache = ownCache();
  const shapes = [
    "{}",
    "null",
    "[]",
    "1",
    '{"about":{}}',
    '{"about":"x"}',
    '{"about":{"drives":1}}',
  ];
  for (const [index, shape] of shapes.entries()) {
    publish(keyOf(index));
    Deno.writeTextFileSync(`${templatePath(keyOf(index))}/template.json`, shape);
  }
  assert.deepEqual(listTemplates().map(({ about }) => about), shapes.map(() => undefined));
});

Deno.test("finding a template marks it as used: the list has the last one first", () => {
  using _cache = ownCache();
  for (const number of [1, 2, 3]) {
    publish(keyOf(number));
    age(keyOf(number), number * 100);
  }
  const order = () => listTemplates().map(({ key }) => Number(key));
  assert.deepEqual(order(), [1, 2, 3]);
  findTemplate(keyOf(3));
  assert.deepEqual(order(), [3, 1, 2]);
});

Deno.test("pruneTemplates() removes the least recently used, until the rest is small enough", () => {
  using _cache = ownCache();
  for (const number of [1, 2, 3, 4]) {
    publish(keyOf(number));
    age(keyOf(number), number * 100);
  }
  findTemplate(keyOf(4));
  const enough = listTemplates().reduce((sum, { bytes }) => sum + bytes, 0);
  assert.deepEqual(pruneTemplates(enough), []);
  const pruned = pruneTemplates(enough / 2).map(({ key }) => Number(key));
  assert.deepEqual(pruned, [2, 3]);
  assert.deepEqual(names(), [keyOf(1), keyOf(4)]);
  pruneTemplates(0);
  assert.deepEqual(names(), []);
});

Deno.test("pruneTemplates() removes leftovers that are an hour old or half removed, and never other files", () => {
  using _cache = ownCache();
  for (const name of [".new-left", ".new-now", ".old-now", "mine"]) stage(name);
  Deno.writeTextFileSync(`${templatesDir()}/.lock-${KEY}`, "");
  const then = new Date(Date.now() - 2 * 3_600_000);
  Deno.utimeSync(`${templatesDir()}/.new-left`, then, then);
  assert.deepEqual(pruneTemplates(0), []);
  assert.deepEqual(names(), [`.lock-${KEY}`, ".new-now", "mine"]);
});

Deno.test("processes that prune concurrently do not disturb each other", async () => {
  using _cache = ownCache();
  const processes = await Promise.all(
    [1, 2, 3, 4].map((number) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", "--no-lock", "--no-check", CHURN, keyOf(number)],
      }).output()
    ),
  );
  assert.deepEqual(processes.map(({ stderr }) => new TextDecoder().decode(stderr)), [
    "",
    "",
    "",
    "",
  ]);
  assert.deepEqual(names(), []);
});
