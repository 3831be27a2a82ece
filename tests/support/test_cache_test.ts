import assert from "node:assert/strict";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";
import { tempDir } from "./temp_dir.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A program that prints the cache and puts an image and a template into it, as tests do. */
const PROGRAM = `
import ${JSON.stringify(new URL("test_cache.ts", import.meta.url).href)};
import { cacheDir } from ${
  JSON.stringify(new URL("../../src/host/cache_dir.ts", import.meta.url).href)
};
for (const name of ["images", "templates"]) {
  Deno.mkdirSync(cacheDir() + "/" + name + "/x", { recursive: true });
}
console.log(JSON.stringify([cacheDir(), Deno.readTextFileSync(cacheDir() + "/kernels/one")]));
`;

/** Matches test files that make images. */
const MAKES_IMAGES = /\bcodeTest\(|\bawait (prepareImage|runCode)\(/;

Deno.test("tests use the user's kernels, and leave neither image nor template in the user's cache", async () => {
  using user = tempDir();
  Deno.mkdirSync(`${user.path}/kernels`);
  Deno.writeTextFileSync(`${user.path}/kernels/one`, "a kernel");
  Deno.writeTextFileSync(`${user.path}/program.ts`, PROGRAM);
  const { EXECVM_TEST_CACHE: _, ...others } = Deno.env.toObject();
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", "--no-lock", `${user.path}/program.ts`],
    env: { ...others, EXECVM_CACHE: user.path },
    clearEnv: true,
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.notEqual(text, "", new TextDecoder().decode(stderr));
  const [cache, kernel] = JSON.parse(text);
  assert.equal(kernel, "a kernel");
  assert.notEqual(cache, user.path);
  const names = [...Deno.readDirSync(user.path)].map(({ name }) => name);
  assert.ok(!names.includes("images") && !names.includes("templates"), names.join());
  await eventually(() => exists(cache), (isThere) => !isThere, 5000);
  assert.equal(Deno.readTextFileSync(`${user.path}/kernels/one`), "a kernel");
});

Deno.test("each test file that makes images uses the test cache, also when run alone", async () => {
  const files = testFiles("tests").filter((path) => MAKES_IMAGES.test(Deno.readTextFileSync(path)));
  assert.ok(files.length >= 5);
  const withoutCache = await Promise.all(files.map(async (path) => {
    const args = ["info", "--json", path];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
    const isUsed = new TextDecoder().decode(stdout).includes("/tests/support/test_cache.ts");
    return isUsed ? [] : [relative(ROOT, path)];
  }));
  assert.deepEqual(withoutCache.flat(), []);
});

function testFiles(folder: string): string[] {
  return [...Deno.readDirSync(`${ROOT}/${folder}`)].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return testFiles(`${folder}/${name}`);
    return name.endsWith("_test.ts") ? [`${ROOT}/${folder}/${name}`] : [];
  });
}

function exists(path: string): boolean {
  try {
    return Deno.lstatSync(path) !== undefined;
  } catch {
    return false;
  }
}
