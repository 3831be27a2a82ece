import "../../support/test_cache.ts";
import assert from "node:assert/strict";
import { prepareImage } from "../../../mod.ts";
import { loadApplication } from "../../../src/cli/app.ts";
import { complete } from "../../../src/cli/complete/complete.ts";
import { ownContext } from "../../../src/cli/frame/context.ts";
import { LANGUAGES } from "../../../src/code/language.ts";
import { RUNNER_TYPES } from "../../../src/runners/mod.ts";
import { stageKernel } from "../../../src/kernels/store.ts";
import { rawTar } from "../../archive/fixture.ts";
import { armImage, bzImage, moduleElf, ownCache } from "../../kernels/fixture.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { templateCache } from "../../support/template_cache.ts";
import { needs } from "../../support/tools.ts";

const { root } = await loadApplication();

/** The completions of the last word: words, or the kind of thing that the shell should complete. */
async function proposed(...words: string[]): Promise<readonly string[] | string> {
  const completion = await complete(ownContext(() => root), root, words);
  if (completion.kind === "words") return completion.words.map(({ word }) => word);
  return `${completion.kind} ${completion.kind === "command" ? completion.from : completion.skip}`;
}

Deno.test("complete() offers the subcommands, except hidden ones", async () => {
  const words = await proposed("");
  assert.ok(words.includes("run") && words.includes("completions") && words.includes("--help"));
  assert.ok(!words.includes("__complete"));
  assert.deepEqual(await proposed("im"), ["image"]);
  assert.deepEqual(await proposed("image", "pre"), ["prepare"]);
  assert.deepEqual(await proposed("nothing", ""), []);
});

Deno.test("complete() offers all kinds of runners", async () => {
  assert.deepEqual(await proposed("run", "-r", ""), RUNNER_TYPES.map(({ kind }) => kind));
  assert.deepEqual(await proposed("pipe", "--runner=vo"), ["--runner=void"]);
});

Deno.test("complete() offers the options with that prefix, and --no- for those that are on by default", async () => {
  assert.deepEqual(await proposed("run", "--mem"), ["--memory"]);
  assert.deepEqual(await proposed("run", "-r", "vm", "--no-t"), ["--no-template"]);
  assert.deepEqual(await proposed("doctor", "--"), ["--json", "--verbose", "--help"]);
});

Deno.test("complete() knows the options of code and image prepare", async () => {
  assert.deepEqual(await proposed("code", "--warm"), ["--warm"]);
  assert.deepEqual(await proposed("code", "--no-"), ["--no-warm", "--no-template", "--no-stdin"]);
  assert.deepEqual(await proposed("code", "--max"), ["--max-output-bytes"]);
  assert.deepEqual(await proposed("code", "--output", ""), ["diff", "all", "none", "paths"]);
  assert.equal(await proposed("code", "--kernel", "./"), "files 0");
  assert.equal(await proposed("code", "--outputs-dir", ""), "folders 0");
  assert.equal(await proposed("code", "--file", "x"), "files 0");
  const prepare = (...words: string[]) => proposed("image", "prepare", ...words);
  assert.deepEqual(await prepare("--step"), ["--step-timeout"]);
  assert.deepEqual(await prepare("--format", ""), ["squashfs", "ext4", "erofs"]);
  assert.deepEqual(await prepare("--accel=k"), ["--accel=kvm"]);
  assert.equal(await prepare("--wheels", ""), "folders 0");
});

Deno.test("complete() offers the known values of an option", async () => {
  assert.deepEqual(await proposed("run", "--accel", ""), ["auto", "kvm", "tcg"]);
  assert.deepEqual(await proposed("run", "--pull=a"), ["--pull=always"]);
  assert.deepEqual(await proposed("code", "--lang", ""), Object.keys(LANGUAGES));
  assert.deepEqual(await proposed("completions", ""), ["bash", "zsh", "fish"]);
  assert.deepEqual(await proposed("help", "exit"), ["exit-status"]);
});

Deno.test("complete() leaves files, folders and commands to the shell", async () => {
  assert.equal(await proposed("pipe", ""), "files 0");
  assert.equal(await proposed("run", "--device", "x"), "files 0");
  assert.equal(await proposed("run", "--device=x"), "files 9");
  assert.equal(await proposed("run", "--cwd", ""), "folders 0");
  assert.equal(await proposed("run", "-r", "vm", "--", ""), "command 4");
  assert.equal(await proposed("run", "-v", "--", "tar", "--"), "command 3");
  assert.equal(await proposed("run", "-r", "vm", "l"), "command 3");
  assert.equal(await proposed("run", "-r", "vm", "ls", "--"), "command 3");
  assert.equal(await proposed("code", "--image", "x", "main.py", "--j"), "files 0");
  assert.equal(await proposed("chain", "--", "ma"), "command 2");
  assert.equal(await proposed("chain", "--", "make", "--", "ca"), "command 4");
});

Deno.test({
  ...needs("complete() offers images for a root, and leaves other paths to the shell", "sqfstar"),
  async fn() {
    using _cache = templateCache();
    using folder = tempDir();
    const from = `${folder.path}/root.tar`;
    Deno.writeFileSync(from, rawTar({ name: "a", data: "a" }));
    assert.equal(await proposed("run", "--root", ""), "files 0");
    await prepareImage({ from, name: "py" });
    for (const words of [["run", "--root"], ["code", "--image"], ["image", "prepare"]]) {
      assert.deepEqual(await proposed(...words, "p"), ["py"]);
      assert.equal(await proposed(...words, "./p"), "files 0");
    }
  },
});

/** Stores an image that looks like a kernel, and returns its name. */
async function storeKernel(image: Uint8Array<ArrayBuffer>, modules: string[] = []) {
  using stage = await stageKernel();
  Deno.writeFileSync(stage.image, image);
  for (const name of modules) {
    Deno.writeFileSync(`${stage.modulesDir}/${name}`, moduleElf([`name=${name}`]));
  }
  return (await stage.commit("given", { modules })).id;
}

Deno.test("complete() offers kernels by release, and by name if several have that or it is typed", async () => {
  using _cache = ownCache();
  const anyFile = [["run", "--kernel"], ["code", "--kernel"], ["initrd", "build", "--kernel"]];
  for (const words of anyFile) assert.equal(await proposed(...words, ""), "files 0");
  const arm = await storeKernel(armImage());
  for (const words of [["kernel", "use"], ["kernel", "remove", "x"], ...anyFile]) {
    assert.deepEqual(await proposed(...words, ""), ["6.1.0-arm"]);
    assert.deepEqual(await proposed(...words, "6.1.0-arm-"), [arm]);
  }
  assert.deepEqual(await proposed("run", "--kernel=6"), ["--kernel=6.1.0-arm"]);
  for (const words of anyFile) assert.equal(await proposed(...words, "./6"), "files 0");
  assert.deepEqual(await proposed("kernel", "use", "./6"), []);
  const two = [await storeKernel(bzImage()), await storeKernel(bzImage(), ["a.ko"])];
  const offered = await proposed("kernel", "remove", "6.1.0-t");
  assert.deepEqual([...offered].sort(), two.sort());
});

Deno.test("complete() does not count the value of an option as an argument", async () => {
  assert.equal(await proposed("code", "--image", "x", "--env", "A=1", ""), "files 0");
  assert.deepEqual(await proposed("doctor", "x"), []);
  assert.deepEqual(await proposed("run", ""), ["--"]);
});
