import assert from "node:assert/strict";
import { HOST_ARCH } from "../../../src/machine/architectures.ts";
import { armImage, bzImage } from "../../kernels/fixture.ts";
import { execvm } from "../../support/cli.ts";
import { tempDir } from "../../support/temp_dir.ts";

Deno.test("kernel fetch prints the path of the image, and kernel list shows it", async () => {
  using cache = tempDir();
  const env = { EXECVM_CACHE: `${cache.path}/cache` };
  const from = `${cache.path}/vmlinuz`;
  Deno.writeFileSync(from, bzImage("1.2.3-x (me)"));
  const fetched = await execvm(["kernel", "fetch", "--no-default", "--from", from], { env });
  assert.equal(fetched.code, 0, fetched.stderr);
  assert.equal(fetched.stderr, `execvm: reading "${from}"\n`);
  const image = fetched.stdout.trimEnd();
  assert.deepEqual(Deno.readFileSync(image), bzImage("1.2.3-x (me)"));
  const listed = await execvm(["kernel", "list"], { env });
  const columns = ["1.2.3-x", "x86_64", "default", "0.0 MiB", "given", from, image];
  assert.equal(listed.stdout, `${columns.join("\t")}\n`);
  const [kernel] = JSON.parse((await execvm(["kernel", "list", "--json"], { env })).stdout);
  assert.equal(kernel.image, image);
  assert.equal(kernel.source, from);
  assert.equal(kernel.bytes, bzImage("1.2.3-x (me)").length);
  assert.equal(kernel.isDefault, true);
});

Deno.test("kernel remove removes one that is not the default, and names what it cannot choose", async () => {
  using cache = tempDir();
  const env = { EXECVM_CACHE: `${cache.path}/cache` };
  const from = `${cache.path}/vmlinuz`;
  for (const version of ["1.2.3-x", "1.2.4-x"]) {
    Deno.writeFileSync(from, bzImage(`${version} (me)`));
    await execvm(["kernel", "fetch", "--no-default", "--from", from], { env });
  }
  const rows: [string, RegExp][] = [
    ["1.2.5", /^execvm: cannot remove the kernel "1\.2\.5": there is no such kernel in the cache/],
    ["", /^execvm: cannot remove the kernel "": there is no such kernel/],
    ["1.2.", /there are 2, name one of them: 1\.2\.\d-x-x86_64-given-\w+, 1\.2\.\d-x-x86_64/],
    [
      "1.2.4-x",
      /1\.2\.4-x-\S+: it is the default: use another one first: execvm kernel use 1\.2\.3/,
    ],
  ];
  for (const [name, message] of rows) {
    const { code, stderr, stdout } = await execvm(["kernel", "remove", name], { env });
    assert.deepEqual([code, stdout], [2, ""], stderr);
    assert.match(stderr, message);
  }
  const removed = await execvm(["kernel", "remove", "1.2.3-x"], { env });
  assert.equal(removed.code, 0, removed.stderr);
  assert.match(removed.stdout, /^\S+1\.2\.3-x-x86_64-given-\w+\/vmlinuz\n$/);
  assert.equal((await execvm(["kernel", "remove", "1.2.4"], { env })).code, 0);
  const left = [...Deno.readDirSync(`${cache.path}/cache/kernels`)].map(({ name }) => name);
  assert.deepEqual(left, []);
});

Deno.test("kernel list reports damaged kernels, and advises what to do if there is none", async () => {
  using cache = tempDir();
  Deno.mkdirSync(`${cache.path}/kernels/broken`, { recursive: true });
  const { code, stdout, stderr } = await execvm(["kernel", "list"], {
    env: { EXECVM_CACHE: cache.path },
  });
  assert.equal(code, 0);
  assert.equal(stdout, "");
  assert.match(stderr, /^execvm: cannot use \S+\/broken: kernel\.json cannot be read/);
  assert.match(stderr, /use execvm kernel fetch, or kernel build\n$/);
});

Deno.test("kernel list begins with a kernel for this machine, or reports that there is none", async () => {
  using cache = tempDir();
  const env = { EXECVM_CACHE: `${cache.path}/cache` };
  const [own, foreign] = HOST_ARCH === "x86_64" ? [bzImage(), armImage()] : [armImage(), bzImage()];
  const add = async (image: Uint8Array) => {
    Deno.writeFileSync(`${cache.path}/vmlinuz`, image);
    return await execvm(
      ["kernel", "fetch", "--no-default", "--from", `${cache.path}/vmlinuz`],
      { env },
    );
  };
  const lines = async () => {
    const { stdout, stderr } = await execvm(["kernel", "list"], { env });
    return { archs: stdout.trimEnd().split("\n").map((line) => line.split("\t")[1]), stderr };
  };
  await add(foreign);
  const alone = await lines();
  assert.equal(alone.archs.includes(HOST_ARCH), false);
  assert.match(alone.stderr, /no kernel for this machine, \w+: use execvm kernel fetch\n$/);
  await add(own);
  await add(foreign); // again, so that it is the newest
  const both = await lines();
  assert.deepEqual([both.archs.length, both.archs[0], both.stderr], [2, HOST_ARCH, ""]);
});

Deno.test("kernel exits with 2 for wrong usage, and with 125 for failures", async () => {
  using cache = tempDir();
  const env = { EXECVM_CACHE: cache.path };
  const rows: [string[], number, RegExp][] = [
    [["fetch", "--from", "http://127.0.0.1:1/x"], 2, /a URL needs the sha256/],
    [["fetch", "--from", "x", "--sha256", "12"], 2, /"12": it is not a sha256 in hex/],
    [["fetch", "--arch", "arm64"], 2, /it must be one of x86_64, aarch64/],
    [
      ["fetch", "--arch", "aarch64", "--from", "x"],
      2,
      /the given image determines the architecture/,
    ],
    [["fetch", "--modules", "x"], 2, /set from too$/m],
    [["fetch", "--suite", "../x"], 2, /the suite "\.\.\/x": it is not a name/],
    [["fetch", "--suite", "trixie", "--from", "x"], 2, /the kernel is given by from$/m],
    [["use", "6.1"], 2, /"6\.1": there is no such kernel in the cache/],
    [["build", "--arch", "sparc"], 2, /it must be one of x86_64, aarch64/],
    [["fetch", "--sha256", "0".repeat(64)], 2, /set from too/],
    [["build", "--jobs", "0"], 2, /--jobs "0": it must be a whole number from 1/],
    [["build", "-r", "nowhere"], 2, /"nowhere": it is not a runner/],
    [["fetch", "--from", `${cache.path}/none`], 125, /there is no such file/],
    [["build", "--source", `${cache.path}/none`], 125, /^execvm: cannot (read|build)/],
  ];
  for (const [args, code, message] of rows) {
    const run = await execvm(["kernel", ...args], { env });
    assert.equal(run.code, code, args.join(" "));
    assert.match(run.stderr, message);
    assert.equal(run.stdout, "");
  }
});
