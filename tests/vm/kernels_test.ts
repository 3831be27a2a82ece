// Guests with a kernel that is not in the cache, such as that of a tree, and their consoles.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { vm, type VmOptions } from "../../mod.ts";
import { cacheDir } from "../../src/host/cache_dir.ts";
import { findKernel, type Kernel } from "../../src/kernels/find.ts";
import { bootOnce } from "../../src/vm/boot_once.ts";
import { armImage } from "../kernels/fixture.ts";
import { execvm } from "../support/cli.ts";
import { tempDir } from "../support/temp_dir.ts";
import "../support/test_cache.ts";
import { needs } from "../support/tools.ts";

const known = await findKernel("x86_64");
const isMissing = known === undefined && Deno.env.get("CI") === undefined;

/** A test that needs QEMU and a kernel in the cache; without one it is skipped, except in CI. */
function kernelTest(name: string, body: (tree: Tree) => Promise<void>): void {
  const test = needs(name, "qemu-system-x86_64");
  const skipped = { name: `${name} (skipped: no kernel: execvm kernel fetch)`, ignore: true };
  Deno.test({
    ...(isMissing ? skipped : test),
    async fn() {
      using folder = tempDir();
      await body(makeTree(folder.path, known!));
    },
  });
}

/** The image of a kernel, and what `make modules_install` makes of its modules. */
interface Tree {
  readonly kernel: string;
  readonly modules: string;
}

function makeTree(folder: string, { image, modules, version }: Kernel): Tree {
  const target = `${folder}/mods/lib/modules/${version}`;
  Deno.mkdirSync(`${target}/kernel`, { recursive: true });
  for (const path of modules) Deno.copyFileSync(path, `${target}/kernel/${basename(path)}`);
  Deno.writeTextFileSync(`${target}/modules.dep`, "");
  Deno.copyFileSync(image, `${folder}/bzImage`);
  return { kernel: `${folder}/bzImage`, modules: `${folder}/mods` };
}

/** The end of a signed module (Documentation/admin-guide/module-signing.rst). */
const SIGNED = "~Module signature appended~\n";

/** Changes a text in all modules of a tree to another one of the same length; unsigns them. */
function patch({ modules }: Tree, from: string, to: string): void {
  const folder = `${modules}/lib/modules/${known!.version}/kernel`;
  for (const { name } of Deno.readDirSync(folder)) {
    const bytes = Buffer.from(Deno.readFileSync(`${folder}/${name}`));
    const at = bytes.indexOf(from);
    if (at >= 0) bytes.write(to, at, "latin1");
    const end = bytes.indexOf(SIGNED);
    Deno.writeFileSync(`${folder}/${name}`, end < 0 ? bytes : bytes.subarray(0, end));
  }
}

async function messageOf(options: VmOptions): Promise<string> {
  const runner = vm({ accel: "tcg", template: false, ...options });
  const result = await runner.cmd("true").run().then(() => undefined, ({ message }) => message);
  return result ?? assert.fail("it booted");
}

kernelTest("a kernel of a tree boots with the modules that it installed", async (tree) => {
  const runner = vm({ ...tree, accel: "tcg", template: false });
  assert.equal(await runner.cmd("uname", "-r").text(), known!.version);
});

kernelTest("a kernel without the drivers that a guest needs is reported as that", async (tree) => {
  assert.equal(
    await messageOf({ kernel: tree.kernel }),
    "cannot boot the guest: the kernel lacks CONFIG_VIRTIO_CONSOLE and CONFIG_VIRTIO_PCI: " +
      "build them in, or give its modules",
  );
});

kernelTest("modules that the kernel refuses are reported in its words", async (tree) => {
  patch(tree, "mod_unload", "mod_UNLOAD");
  assert.match(
    await messageOf(tree),
    /^cannot boot the guest: the modules do not fit the kernel: \w+: Exec format error: version magic '.*mod_UNLOAD.*' should be '.*mod_unload.*'$/,
  );
});

kernelTest("bootOnce() of a kernel that does not boot names it and the reason", async (tree) => {
  patch(tree, "mod_unload", "mod_UNLOAD");
  const { openKernelFile } = await import("../../src/kernels/kernel_file.ts");
  await using kernel = await openKernelFile({ image: tree.kernel, modules: tree.modules });
  const steps: string[] = [];
  const options = {
    signal: new AbortController().signal,
    onProgress: (s: string) => steps.push(s),
  };
  const message = new RegExp(
    `^cannot boot the kernel ${
      known!.version
    }: the modules do not fit the kernel: \\w+: Exec format`,
  );
  await assert.rejects(bootOnce(kernel, options), { message });
  assert.equal(steps.at(-1), `booting ${known!.version}`);
});

kernelTest("kernel fetch keeps a kernel, as the default, only if it boots", async (tree) => {
  using cache = tempDir();
  for (const name of ["initrds", "busybox", "denort"]) {
    Deno.mkdirSync(`${cacheDir()}/${name}`, { recursive: true });
    Deno.symlinkSync(`${cacheDir()}/${name}`, `${cache.path}/${name}`);
  }
  const env = { EXECVM_CACHE: cache.path };
  const argv = ["kernel", "fetch", "--from", tree.kernel, "--modules", tree.modules];
  const kept = () => [...Deno.readDirSync(`${cache.path}/kernels`)].map(({ name }) => name).sort();
  const fetched = await execvm(argv, { env });
  assert.equal(fetched.code, 0, fetched.stderr);
  assert.match(fetched.stderr, /^execvm: booting \S+$/m);
  const [mark, id] = kept();
  assert.equal(mark, ".default-x86_64");
  assert.equal(Deno.readTextFileSync(`${cache.path}/kernels/${mark}`), `${id}\n`);
  patch(tree, "mod_unload", "mod_UNLOAD");
  const refused = await execvm(argv, { env });
  assert.deepEqual([refused.code, refused.stdout], [125, ""]);
  assert.match(refused.stderr, /^execvm: cannot boot the kernel \S+: the modules do not fit/m);
  assert.deepEqual(kept(), [mark, id]);
});

kernelTest(
  "the console has the kernel's messages from the start, and all commands of a runner",
  async () => {
    using folder = tempDir();
    const console = `${folder.path}/console`;
    Deno.writeTextFileSync(console, "of an earlier run\n");
    const runner = vm({ accel: "tcg", console });
    for (const word of ["first", "second"]) {
      await runner.cmd("sh", "-c", `echo the ${word} command > /dev/kmsg`).run();
    }
    const text = Deno.readTextFileSync(console);
    assert.equal(text.includes("of an earlier run"), false);
    assert.match(text, /\[ +0\.0+\] Linux version [^]*the first command[^]*the second command/);
  },
);

kernelTest(
  "--console - prints the console on stderr, and a panic ends with 125",
  async ({ kernel, modules }) => {
    const panic = ["sh", "-c", "echo c > /proc/sysrq-trigger"];
    const options = ["--kernel", kernel, "--modules", modules, "--accel", "tcg", "--console", "-"];
    const { code, stdout, stderr } = await execvm(["run", "-r", "vm", ...options, "--", ...panic]);
    assert.deepEqual([code, stdout], [125, ""]);
    assert.match(stderr, /^\[ +0\.0+\] Linux version /m);
    assert.match(stderr, /^execvm: cannot run the command: the guest panicked \(sysrq/m);
    assert.doesNotMatch(stderr, /^\s+at /m);
  },
);

Deno.test("a kernel that cannot be booted is reported before anything is started", async () => {
  using folder = tempDir();
  const path = (name: string) => `${folder.path}/${name}`;
  Deno.writeFileSync(path("arm"), armImage());
  const rows: [VmOptions, RegExp][] = [
    [{ kernel: path("none") }, /^cannot boot the kernel "\S*none": there is no such file$/],
    [{ kernel: "6.0.0-none" }, /there is no such file, and no such release in the cache/],
    [{ kernel: folder.path }, /: it is a folder: name the image in it/],
    [{ kernel: path("arm"), arch: "x86_64" }, /it is for aarch64, and the machine is of x86_64$/],
    [{ kernel: path("arm"), modules: path("none") }, /modules in "\S*none": there is no such file/],
  ];
  for (const [options, message] of rows) assert.match(await messageOf(options), message);
});

Deno.test("vm() refuses modules and a console that it cannot use", () => {
  const rows: [VmOptions, RegExp][] = [
    [{ modules: "m" }, /^cannot use modules: .*: set kernel too$/],
    [
      { kernel: "k", modules: "m", initrd: "i" },
      /^cannot use modules: the given initrd has its own$/,
    ],
    [{ console: "" }, /^cannot write the console to "": it is not a path$/],
    [{ console: "c", pool: 1 }, /^cannot keep machines ready: the console is/],
  ];
  for (const [options, message] of rows) {
    assert.throws(() => vm(options), { name: "TypeError", message });
  }
});

Deno.test("a console that cannot be written is reported before a machine is made", async () => {
  using folder = tempDir();
  const console = `${folder.path}/none/console`;
  const message = await messageOf({ console, qemu: "/nowhere" });
  assert.match(message, /cannot write the console to ".*\/none\/console": there is no such/);
});
