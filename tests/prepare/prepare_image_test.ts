// Prepares images: once, in machines, or not at all.

import assert from "node:assert/strict";
import { type Image, prepareImage } from "../../mod.ts";
import { readManifest } from "../../src/images/manifest.ts";
import { rawTar } from "../archive/fixture.ts";
import { codeTest, makePythonRoot, makeShellRoot, PYTHON } from "../code/fixture.ts";
import { EXECVM, execvm } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../support/processes.ts";
import { tempDir } from "../support/temp_dir.ts";
import { templateCache } from "../support/template_cache.ts";

/** The entries of an image, by path. */
async function entriesOf(image: Image) {
  return new Map((await readManifest(image.path)).map((entry) => [entry.path, entry]));
}

/** The names of images in a cache, also of unfinished ones. */
function imagesIn(cache: string): string[] {
  return [...Deno.readDirSync(`${cache}/images`)].map(({ name }) => name)
    .filter((name) => !/^\.(lock|known|names)/.test(name));
}

codeTest("prepareImage() makes an image once", async (test) => {
  using cache = templateCache();
  using folder = tempDir();
  const tar = `${folder.path}/root.tar`;
  const root = [{ name: "etc/", type: "5" as const }, { name: "etc/a", data: "a" }];
  Deno.writeFileSync(tar, rawTar(...root));
  const steps: string[] = [];
  const prepare = () =>
    prepareImage({ from: tar, onProgress: (step, n) => void (n ?? steps.push(step)) });

  await test.step("if two calls need it at the same time", async () => {
    const [one, two] = await Promise.all([prepare(), prepare()]);
    assert.deepEqual(one, two);
    assert.deepEqual(steps, ["packing the image"]);
    assert.deepEqual(imagesIn(cache.path), [one.key]);
    assert.equal((await entriesOf(one)).get("/etc/a")?.size, 1);
    assert.equal(Deno.statSync(one.path).mode! & 0o222, 0);
    assert.deepEqual(JSON.parse(JSON.stringify(one)), one);
  });

  await test.step("and again if its inputs have changed", async () => {
    const before = await prepare();
    Deno.writeFileSync(tar, rawTar(...root, { name: "etc/b", data: "b" }));
    const after = await prepare();
    assert.notEqual(before.key, after.key);
    assert.ok((await entriesOf(after)).has("/etc/b"));
    assert.equal(steps.length, 2);
  });

  await test.step("and again if it is damaged", async () => {
    const image = await prepare();
    Deno.chmodSync(image.path, 0o644);
    Deno.truncateSync(image.path, 100);
    assert.equal((await prepare()).bytes, image.bytes);
    assert.equal(steps.length, 3);
  });

  await test.step("under a cacheKey, without reading its inputs", async () => {
    const image = await prepareImage({ from: tar, cacheKey: "mine" });
    assert.deepEqual(await prepareImage({ from: "/not/there", cacheKey: "mine" }), image);
    await assert.rejects(prepareImage({ from: "/not/there" }), /there is no such file or folder/);
    const { stdout } = await execvm(["image", "inspect", "mine"]);
    const { names, usedMs, ...rest } = JSON.parse(stdout);
    assert.deepEqual([rest, names], [image, ["mine"]]);
    assert.ok(usedMs >= image.createdMs - 1000);
    const listed = await execvm(["image", "list"]);
    assert.match(listed.stdout, new RegExp(`^${image.key.slice(0, 12)}\t.*\t${tar}\tmine$`, "m"));
  });

  await test.step("that can be listed, inspected and removed", async () => {
    const { key } = await prepare();
    const listed = await execvm(["image", "list"]);
    assert.match(listed.stdout, new RegExp(`^${key.slice(0, 12)}\t1 MiB\t.*\t${tar}$`, "m"));
    const { stdout } = await execvm(["image", "inspect", "--files", key.slice(0, 12)]);
    assert.match(stdout, /"path":"\/etc\/a"/);
    assert.equal((await execvm(["image", "prepare", tar])).stdout, `${key}\n`);
    assert.equal((await execvm(["image", "remove", key])).code, 0);
    assert.ok(!imagesIn(cache.path).includes(key));
    assert.equal((await execvm(["image", "remove", key])).code, 2);
  });
});

codeTest("prepareImage() runs its steps in a machine, never on this one", async (test) => {
  using cache = templateCache();
  using folder = tempDir();
  const root = await makePythonRoot(`${folder.path}/root`);
  await copyPip(root);
  const wheels = `${folder.path}/wheels`;
  Deno.mkdirSync(wheels);
  Deno.writeFileSync(`${wheels}/greeting-1.0-py3-none-any.whl`, await makeWheel(folder.path));
  Deno.writeTextFileSync(`${folder.path}/script`, "#!/bin/sh\necho hi\n", { mode: 0o755 });
  const base = await prepareImage({ from: root });

  await test.step("Python packages, files and commands, on a file system image", async () => {
    const image = await prepareImage({
      from: base.path,
      accel: "tcg",
      pip: { requirements: ["greeting"], wheels },
      files: { "/opt/a b": new Uint8Array([1, 2]), "/bin/script": `${folder.path}/script` },
      run: [
        ["python3", "-c", "import greeting; open('/greeting', 'w').write(greeting.WORDS)"],
        [
          "sh",
          "-c",
          "rm /bin/wget; chown 5:6 /greeting; mknod /node c 1 3; ls / > /list; id -u >> /list",
        ],
        ["test", "!", "-e", folder.path],
      ],
    });
    assert.deepEqual(image.pip, ["greeting"]);
    const { stdout } = await execvm(["image", "list"]);
    assert.match(
      stdout,
      new RegExp(`^${image.key.slice(0, 12)}\t.*\t${base.path}\t\tgreeting$`, "m"),
    );
    const entries = await entriesOf(image);
    assert.deepEqual(entries.get("/greeting")?.size, "hello".length);
    assert.deepEqual([entries.get("/greeting")?.uid, entries.get("/greeting")?.gid], [5, 6]);
    assert.equal(entries.get("/node")?.kind, "char");
    assert.equal(entries.get("/opt/a b")?.size, 2);
    assert.equal(entries.get("/bin/script")?.mode, 0o755);
    assert.ok(!entries.has("/bin/wget") && !entries.has("/workspace"));
    assert.deepEqual(
      [...entries.keys()].filter((path) => /^\/(proc|sys|dev|run)\//.test(path)),
      [],
    );
    assert.ok([...entries.keys()].some((path) => path.endsWith("/greeting/__init__.py")));
    assert.ok(imagesIn(cache.path).includes(image.key));
  });

  await test.step("a failing step is reported, and leaves no image", async () => {
    const before = imagesIn(cache.path);
    const run = [["sh", "-c", "echo out; echo why >&2; exit 3"]];
    await assert.rejects(prepareImage({ from: base.path, accel: "tcg", run }), {
      message: "cannot prepare the image: running " +
        `${JSON.stringify(run[0])} failed: exit code 3:\nwhy`,
    });
    assert.deepEqual(imagesIn(cache.path), before);
  });
});

codeTest("a preparation that is killed leaves nothing", async () => {
  using cache = templateCache();
  using folder = tempDir();
  const root = await makeShellRoot(`${folder.path}/root`);
  const mark = newMark();
  const child = new Deno.Command(EXECVM[0], {
    args: [...EXECVM.slice(1), "image", "prepare", root, "--run", "sleep 1000"],
    env: { [MARK_VARIABLE]: mark, TMPDIR: folder.path },
    stderr: "piped",
  }).spawn();
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    if (text.includes("running sh")) break;
  }
  child.kill("SIGKILL");
  await child.status;
  const left = async () => ({
    images: imagesIn(cache.path).filter((name) => name.startsWith(".")),
    folders: [...Deno.readDirSync(folder.path)].map(({ name }) => name).filter((name) =>
      name !== "root"
    ),
    processes: await processesWith(mark),
  });
  await eventually(left, (all) => Object.values(all).every(({ length }) => length === 0), 10_000);
});

/** Copies this machine's pip into a root. */
async function copyPip(root: string): Promise<void> {
  const code = "import pip, sysconfig; print(pip.__path__[0]); print(sysconfig.get_path('stdlib'))";
  const { stdout } = await new Deno.Command(PYTHON, { args: ["-c", code] }).output();
  const [pip, library] = new TextDecoder().decode(stdout).trim().split("\n");
  const { success } = await new Deno.Command("cp", { args: ["-r", pip!, `${root}${library}/pip`] })
    .output();
  assert.ok(success);
}

/** A wheel of one module (PEP 427), made by Python's own zipfile. */
async function makeWheel(folder: string): Promise<Uint8Array> {
  const path = `${folder}/wheel.zip`;
  const code = `
import sys, zipfile
info = "greeting-1.0.dist-info/"
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("greeting/__init__.py", "WORDS = 'hello'\\n")
    z.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: greeting\\nVersion: 1.0\\n")
    z.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    z.writestr(info + "RECORD", "")
`;
  const { success } = await new Deno.Command(PYTHON, { args: ["-I", "-c", code, path] }).output();
  assert.ok(success);
  return Deno.readFileSync(path);
}
