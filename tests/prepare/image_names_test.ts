// Names of images: they move, are listed, and end with their image.

import "../support/test_cache.ts";
import assert from "node:assert/strict";
import { type Image, prepareImage } from "../../mod.ts";
import { chooseImage } from "../../src/prepare/choose_image.ts";
import { readManifest } from "../../src/images/manifest.ts";
import { rawTar } from "../archive/fixture.ts";
import { codeTest, makeShellRoot } from "../code/fixture.ts";
import { execvm } from "../support/cli.ts";
import { tempDir } from "../support/temp_dir.ts";
import { templateCache } from "../support/template_cache.ts";
import { needs } from "../support/tools.ts";

/** Writes a tar of a root with one file of this content, and returns its path. */
function tarOf(folder: string, data: string): string {
  const path = `${folder}/${data}.tar`;
  Deno.writeFileSync(path, rawTar({ name: "a", data }));
  return path;
}

function imageTest(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    ...needs(name, "sqfstar"),
    async fn() {
      using _cache = templateCache();
      using folder = tempDir();
      await fn(folder.path);
    },
  });
}

/** The names of an image, as a list shows them. */
async function namesOf({ key }: Image): Promise<string> {
  const { stdout } = await execvm(["image", "list"]);
  const line = stdout.split("\n").find((line) => line.startsWith(key.slice(0, 12)));
  return line?.split("\t")[4] ?? "";
}

imageTest(
  "a name moves to the image that is prepared last; the other keeps its key",
  async (folder) => {
    const one = await prepareImage({ from: tarOf(folder, "one"), name: "py" });
    assert.deepEqual(chooseImage("py"), one);
    const two = await prepareImage({ from: tarOf(folder, "two"), name: "py" });
    assert.deepEqual(chooseImage("py"), two);
    assert.deepEqual(chooseImage(one.key), one);
    assert.deepEqual([await namesOf(one), await namesOf(two)], ["", "py"]);
  },
);

imageTest(
  "an image has any number of names, and takes them along when it is removed",
  async (folder) => {
    const from = tarOf(folder, "one");
    const image = await prepareImage({ from, name: "py" });
    assert.deepEqual(await prepareImage({ from, name: "py:3.12" }), image);
    assert.deepEqual(await namesOf(image), "py py:3.12");
    assert.equal((await execvm(["image", "remove", "py"])).code, 0);
    for (const name of ["py", "py:3.12"]) assert.throws(() => chooseImage(name), /there is none/);
  },
);

imageTest("a cacheKey is a name: an image that has it is taken as it is", async (folder) => {
  const one = await prepareImage({ from: tarOf(folder, "one"), name: "mine" });
  const two = tarOf(folder, "two");
  assert.deepEqual(await prepareImage({ from: two, cacheKey: "mine" }), one);
  const other = await prepareImage({ from: two, cacheKey: "other" });
  assert.equal(await namesOf(other), "other");
  await prepareImage({ from: tarOf(folder, "one"), name: "other" });
  assert.deepEqual(chooseImage("other"), one);
});

imageTest(
  "an image with a cacheKey and no file of its name, as of version 0.1, is found and listed",
  async (folder) => {
    const image = await prepareImage({ from: tarOf(folder, "one"), cacheKey: "old" });
    assert.deepEqual(chooseImage("old"), image);
    assert.equal(await namesOf(image), "old");
  },
);

imageTest("an image can be made from another, by its name or key", async (folder) => {
  const image = await prepareImage({ from: tarOf(folder, "one"), name: "base" });
  assert.deepEqual(await prepareImage({ from: "base", name: "same" }), image);
  assert.deepEqual(await prepareImage({ from: image.key.slice(0, 8) }), image);
  assert.equal(await namesOf(image), "base same");
});

codeTest("steps can start from an image, whose packages are listed", async () => {
  using _cache = templateCache();
  using folder = tempDir();
  const root = await makeShellRoot(`${folder.path}/root`);
  const base = await prepareImage({ from: root, name: "base" });
  const record = `${base.path.replace(/[^/]*$/, "")}image.json`;
  const facts = JSON.parse(Deno.readTextFileSync(record));
  Deno.writeTextFileSync(record, JSON.stringify({ ...facts, packages: ["jq"] }));
  const run = [["touch", "/made"]];
  const made = await prepareImage({ from: "base", run, name: "more", accel: "tcg" });
  assert.deepEqual([made.from, made.packages], ["base", ["jq"]]);
  const paths = (await readManifest(made.path)).map(({ path }) => path);
  assert.ok(paths.includes("/made") && paths.includes("/bin/busybox"));
  assert.deepEqual(await prepareImage({ from: base.key, run }), made);
});

imageTest("a path comes before an image of its name where an image is made", async (folder) => {
  const before = Deno.cwd();
  const root = `${folder}/root`;
  Deno.mkdirSync(root);
  const prepare = async () => {
    const { code, stdout } = await execvm(["image", "prepare", "--name", "root", "root"], {
      cwd: folder,
    });
    assert.equal(code, 0);
    return stdout.trim();
  };
  const first = await prepare();
  Deno.writeTextFileSync(`${root}/new`, "");
  assert.notEqual(await prepare(), first);
  assert.equal(Deno.cwd(), before);
});

imageTest("a name that is close is suggested", async (folder) => {
  await prepareImage({ from: tarOf(folder, "one"), name: "mypy" });
  const { code, stderr } = await execvm(["image", "prepare", "mypi"]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^execvm: cannot make an image from "mypi": there is no image of that name, and no such file or folder \(did you mean mypy\?\): execvm image list .*\n$/,
  );
});

for (
  const name of [
    "",
    "a/b",
    "docker:x",
    "oci:x",
    "debian:x",
    "-x",
    ".x",
    "a b",
    "a\n",
    "a".repeat(129),
    "ab".repeat(32),
  ]
) {
  Deno.test(`prepareImage() rejects the name ${JSON.stringify(name).slice(0, 40)}`, async () => {
    await assert.rejects(prepareImage({ from: "/nowhere", name }), {
      name: "TypeError",
      message: /^cannot name an image "[^\n]*": a name has up to 128 letters/,
    });
  });
}

Deno.test("prepareImage() rejects a name next to a cacheKey", async () => {
  await assert.rejects(prepareImage({ from: "/nowhere", name: "a", cacheKey: "b" }), TypeError);
});
