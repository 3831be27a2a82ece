import assert from "node:assert/strict";
import { makeDefaultKernel } from "../../src/kernels/default.ts";
import { cacheDir } from "../../src/host/cache_dir.ts";
import { findKernel, inspectKernels, type Kernel, listKernels } from "../../src/kernels/find.ts";
import { type StagedKernel, stageKernel } from "../../src/kernels/store.ts";
import { HOST_ARCH } from "../../src/machine/architectures.ts";
import { armImage, bzImage, moduleElf, ownCache } from "./fixture.ts";

/** Stages an image, and optionally modules. */
async function staged(image: Uint8Array, modules: readonly string[] = []): Promise<StagedKernel> {
  const stage = await stageKernel();
  await Deno.writeFile(stage.image, image);
  for (const name of modules) {
    await Deno.writeFile(`${stage.modulesDir}/${name}`, moduleElf([`name=${name}`]));
  }
  return stage;
}

/** Moves the mtime of an entry, which is the time when it was stored, into the past. */
function age(image: string, seconds: number): void {
  const then = new Date(Date.now() - seconds * 1000);
  Deno.utimeSync(image.replace(/vmlinuz$/, "kernel.json"), then, then);
}

Deno.test("cacheDir() is the first of EXECVM_CACHE, XDG_CACHE_HOME and HOME that is set", () => {
  const names = ["EXECVM_CACHE", "XDG_CACHE_HOME", "HOME"];
  const before = names.map((name) => Deno.env.get(name));
  const rows: [string, string, string, string][] = [
    ["/own", "/xdg", "/home/me", "/own"],
    ["own", "", "/home/me", `${Deno.cwd()}/own`],
    ["", "/xdg", "/home/me", "/xdg/execvm"],
    ["", "relative", "/home/me", "/home/me/.cache/execvm"],
    ["", "", "/home/me", "/home/me/.cache/execvm"],
  ];
  try {
    for (const [own, xdg, home, expected] of rows) {
      names.forEach((name, index) => Deno.env.set(name, [own, xdg, home][index]!));
      assert.equal(cacheDir(), expected);
    }
    Deno.env.set("HOME", "");
    assert.throws(() => cacheDir(), /none of EXECVM_CACHE, XDG_CACHE_HOME and HOME is set/);
  } finally {
    names.forEach((name, index) => {
      const value = before[index];
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    });
  }
});

Deno.test("an empty cache has no kernels", async () => {
  using _cache = ownCache();
  assert.deepEqual(await inspectKernels(), { kernels: [], damaged: [] });
  assert.equal(await findKernel(), undefined);
});

Deno.test("findKernel() prefers the one that was built, then the newest, of the architecture", async () => {
  using _cache = ownCache();
  using old = await staged(bzImage("1.old"));
  age((await old.commit("fetched")).image, 100);
  using newer = await staged(bzImage("1.newer"));
  age((await newer.commit("given")).image, 50);
  assert.equal((await findKernel("x86_64"))?.version, "1.newer");
  using built = await staged(bzImage("1.built"));
  age((await built.commit("built")).image, 200);
  assert.equal((await findKernel("x86_64"))?.version, "1.built");
  assert.equal(await findKernel("aarch64"), undefined);
  using arm = await staged(armImage());
  await arm.commit("given");
  assert.equal((await findKernel("aarch64"))?.version, "6.1.0-arm");
  const versions = (await listKernels()).map(({ version }) => version);
  const own = ["1.built", "1.newer", "1.old"];
  const ours = HOST_ARCH === "x86_64";
  assert.deepEqual(versions, ours ? [...own, "6.1.0-arm"] : ["6.1.0-arm", ...own]);
  const listed = await listKernels("x86_64");
  assert.deepEqual(listed.map(({ version }) => version), own);
});

Deno.test("the default kernel is the one that was chosen, as long as it is there", async () => {
  using _cache = ownCache();
  using built = await staged(bzImage("1.built"));
  await built.commit("built");
  using other = await staged(bzImage("1.other"));
  const chosen = await other.commit("given");
  makeDefaultKernel(chosen);
  assert.equal((await findKernel("x86_64"))?.version, "1.other");
  assert.deepEqual((await listKernels()).map(({ version }) => version), ["1.other", "1.built"]);
  makeDefaultKernel({ id: "gone", arch: "x86_64" });
  assert.equal((await findKernel("x86_64"))?.version, "1.built");
});

Deno.test("the default kernel is never one of another architecture", async () => {
  using _cache = ownCache();
  using arm = await staged(armImage());
  makeDefaultKernel({ ...await arm.commit("given"), arch: "x86_64" });
  assert.equal(await findKernel("x86_64"), undefined);
});

Deno.test("a kernel is stored only after its trial, which has all of it", async () => {
  using cache = ownCache();
  using stage = await staged(bzImage(), ["m.ko"]);
  const trial = async ({ id, image, modules }: Kernel) => {
    assert.match(id, /^6\.1\.0-test-x86_64-given-\w{12}$/);
    for (const path of [image, ...modules]) assert.ok((await Deno.stat(path)).isFile);
    assert.equal(modules.length, 1);
    throw new Error("it does not boot");
  };
  const kept = { modules: ["m.ko"], trial };
  await assert.rejects(stage.commit("given", kept), { message: "it does not boot" });
  stage[Symbol.dispose]();
  assert.deepEqual([...Deno.readDirSync(`${cache.path}/kernels`)], []);
});

Deno.test("a kernel is another one if the content of a module is", async () => {
  using _cache = ownCache();
  const store = async (content: string) => {
    using stage = await staged(bzImage());
    Deno.writeTextFileSync(`${stage.modulesDir}/m.ko`, content);
    return await stage.commit("given", { modules: ["m.ko"] });
  };
  assert.notEqual((await store("one")).id, (await store("two")).id);
});

Deno.test("a kernel has its modules in the given order", async () => {
  using _cache = ownCache();
  using stage = await staged(bzImage(), ["z.ko", "a.ko"]);
  const kernel = await stage.commit("fetched", { modules: ["z.ko", "a.ko"] });
  assert.deepEqual(kernel.modules.map((path) => path.split("/").at(-1)), ["z.ko", "a.ko"]);
  assert.deepEqual((await findKernel("x86_64"))?.modules, kernel.modules);
});

Deno.test("storing the same kernel again keeps one entry, which becomes the newest", async () => {
  using cache = ownCache();
  using first = await staged(bzImage("1.first"));
  const kernel = await first.commit("given");
  age(kernel.image, 100);
  using second = await staged(bzImage("1.second"));
  age((await second.commit("given")).image, 50);
  using again = await staged(bzImage("1.first"));
  assert.deepEqual(await again.commit("given"), kernel);
  assert.equal((await findKernel("x86_64"))?.version, "1.first");
  again[Symbol.dispose]();
  assert.equal([...Deno.readDirSync(`${cache.path}/kernels`)].length, 2);
});

Deno.test("concurrent stores of the same kernel all succeed", async () => {
  using cache = ownCache();
  const kernels = await Promise.all(Array.from({ length: 8 }, async () => {
    using stage = await staged(bzImage(), ["m.ko"]);
    return await stage.commit("fetched", { modules: ["m.ko"] });
  }));
  assert.equal(new Set(kernels.map(({ image }) => image)).size, 1);
  assert.equal([...Deno.readDirSync(`${cache.path}/kernels`)].length, 1);
});

Deno.test("uncommitted entries are removed, and unfinished ones are not listed", async () => {
  using cache = ownCache();
  const stage = await staged(bzImage());
  assert.deepEqual(await inspectKernels(), { kernels: [], damaged: [] });
  stage[Symbol.dispose]();
  assert.deepEqual([...Deno.readDirSync(`${cache.path}/kernels`)], []);
});

Deno.test("a damaged entry is not used, is reported, and is replaced", async () => {
  const damages: [string, (folder: string) => void, RegExp][] = [
    ["no image", (it) => Deno.removeSync(`${it}/vmlinuz`), /^there is no file vmlinuz$/],
    ["a cut image", (it) => Deno.truncateSync(`${it}/vmlinuz`, 9), /^vmlinuz has 9 bytes in place/],
    ["no module", (it) => Deno.removeSync(`${it}/modules/m.ko`), /^there is no file m\.ko$/],
    ["no record", (it) => Deno.removeSync(`${it}/kernel.json`), /^kernel\.json cannot be read$/],
    ["bad JSON", (it) => Deno.writeTextFileSync(`${it}/kernel.json`, "{"), /JSON/],
    ["no object", (it) => Deno.writeTextFileSync(`${it}/kernel.json`, "null"), /is malformed$/],
    [
      "a module elsewhere",
      (it) => {
        const text = Deno.readTextFileSync(`${it}/kernel.json`).replace("m.ko", "../../m.ko");
        Deno.writeTextFileSync(`${it}/kernel.json`, text);
      },
      /is malformed$/,
    ],
  ];
  for (const [name, damage, fact] of damages) {
    using _cache = ownCache();
    using stage = await staged(bzImage(), ["m.ko"]);
    const { image } = await stage.commit("fetched", { modules: ["m.ko"] });
    const folder = image.slice(0, image.lastIndexOf("/"));
    damage(folder);
    const { kernels, damaged } = await inspectKernels();
    assert.deepEqual(kernels, [], name);
    assert.deepEqual(damaged.map(({ path }) => path), [folder], name);
    assert.match(damaged[0]!.fact, fact, name);
    using repair = await staged(bzImage(), ["m.ko"]);
    await repair.commit("fetched", { modules: ["m.ko"] });
    assert.deepEqual((await inspectKernels()).damaged, [], name);
    assert.equal((await listKernels()).length, 1, name);
  }
});
