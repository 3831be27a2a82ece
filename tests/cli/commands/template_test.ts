// `execvm template`, with made-up template files.

import assert from "node:assert/strict";
import {
  publishTemplate,
  type TemplateAbout,
  templateFiles,
  templatePath,
  templatesDir,
} from "../../../src/vm/template_store.ts";
import { ownCache } from "../../kernels/fixture.ts";
import { execvm } from "../../support/cli.ts";

const ABOUT: TemplateAbout = {
  machine: "q35",
  accel: "tcg",
  cpus: 2,
  memoryMib: 512,
  drives: ["vda", "sr0"],
  network: "user",
  kernel: "/no/kernel",
};

const DESCRIPTION = "q35 tcg, 2 cpu, 512 MiB, vda sr0, network user, /no/kernel";

/** Template keys, by the name that the list shows. */
const [A, B, C] = ["aaaa0000bbbb", "aaaa1111cccc", "cccc0000dddd"].map((name) =>
  name.padEnd(32, "0")
) as [
  string,
  string,
  string,
];

/** Puts a template of 3 MiB into the cache whose last use was so long ago. */
function publish(key: string, agoSeconds: number): void {
  const path = `${templatesDir()}/.new-${key}`;
  Deno.mkdirSync(path, { recursive: true });
  const { memory, state } = templateFiles(path);
  Deno.writeFileSync(memory, new Uint8Array(3 << 20).fill(1));
  Deno.writeTextFileSync(state, "state");
  publishTemplate(key, path, ABOUT);
  const then = new Date(Date.now() - agoSeconds * 1000);
  Deno.utimeSync(`${templatePath(key)}/template.json`, then, then);
}

function keys(): string[] {
  return [...Deno.readDirSync(templatesDir())].map(({ name }) => name).sort();
}

const template = (...args: readonly string[]) => execvm(["template", ...args]);

Deno.test("template list shows name, size, age and machine, the most recently used first", async () => {
  using _cache = ownCache();
  assert.deepEqual(await template("list"), { code: 0, stdout: "", stderr: "" });
  publish(A, 3 * 86_400 + 100);
  publish(B, 310);
  publish(C, 2 * 3600 + 100);
  Deno.truncateSync(`${templatePath(C)}/template.json`);
  const { stdout } = await template("list");
  const rows = stdout.trimEnd().split("\n").map((line) => line.split("\t"));
  assert.deepEqual(rows.map(([name, , age, about]) => [name, age!.replace(/\d+s/, "s"), about]), [
    ["cccc0000dddd", "s", "damaged"],
    ["aaaa1111cccc", "5m", DESCRIPTION],
    ["aaaa0000bbbb", "3d", DESCRIPTION],
  ]);
  for (const [, size] of rows) assert.match(size!, /^[34] MiB$/);
});

Deno.test("template list --json has all properties", async () => {
  using _cache = ownCache();
  publish(A, 100);
  const [listed, ...others] = JSON.parse((await template("list", "--json")).stdout);
  const { usedMs, bytes, ...rest } = listed;
  assert.deepEqual([rest, others], [{ key: A, path: templatePath(A), about: ABOUT }, []]);
  assert.ok(bytes >= 3 << 20 && usedMs < Date.now() - 90_000);
});

Deno.test("template remove takes names, their beginnings or --all, and prints what it removed", async () => {
  using _cache = ownCache();
  for (const key of [A, B, C]) publish(key, 100);
  const one = await template("remove", "aaaa0");
  assert.deepEqual([one.code, one.stdout.split("\t")[0]], [0, "aaaa0000bbbb"]);
  assert.deepEqual(keys(), [B, C]);
  const all = await template("remove", "--all");
  assert.deepEqual([all.code, all.stdout.split("\n").length], [0, 3]);
  assert.deepEqual(keys(), []);
});

const WRONG: readonly [readonly string[], RegExp][] = [
  [["remove"], /cannot tell what to remove: name templates, or use --all/],
  [["remove", "--all", A], /cannot tell what to remove/],
  [["remove", "aaaa"], /cannot remove the template "aaaa": 2 begin like that/],
  [["remove", "bbbb"], /cannot remove the template "bbbb": there is no such template/],
  [["remove", ""], /cannot remove the template "": there is no such template/],
  [["remove", "cccc", "bbbb"], /cannot remove the template "bbbb": there is no such template/],
  [["prune", "--max-size", "much"], /much/],
];

Deno.test("wrong usage of template remove and prune removes nothing", async () => {
  using _cache = ownCache();
  for (const key of [A, B, C]) publish(key, 100);
  for (const [args, message] of WRONG) {
    const { code, stdout, stderr } = await template(...args);
    assert.match(stderr, message);
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
  }
  assert.deepEqual(keys(), [A, B, C]);
});

Deno.test("template prune removes the least recently used until the rest is small enough", async () => {
  using _cache = ownCache();
  publish(A, 100);
  publish(B, 300);
  publish(C, 200);
  assert.deepEqual(await template("prune"), { code: 0, stdout: "", stderr: "" });
  const { code, stdout } = await template("prune", "--max-size", "9");
  assert.deepEqual([code, stdout.split("\t")[0]], [0, "aaaa1111cccc"]);
  assert.deepEqual(keys(), [A, C]);
  await template("prune", "--max-size", "1");
  assert.deepEqual(keys(), []);
});
