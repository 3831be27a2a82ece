import assert from "node:assert/strict";
import { file, gzip, tar } from "../../../mod.ts";
import { listInitrd } from "../../guest-build/fixture.ts";
import { minirootfs, serveMirror } from "../../guest-build/mirror.ts";
import { bzImage } from "../../kernels/fixture.ts";
import { execvm } from "../../support/cli.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { needs } from "../../support/tools.ts";

const WRONG: readonly [readonly string[], RegExp][] = [
  [
    ["--from", "/nowhere.tar"],
    /cannot take a root from "\/nowhere.tar": it is neither alpine nor/,
  ],
  [["--mirror", "http://127.0.0.1/"], /cannot use --mirror: it is for --from alpine/],
  [
    ["--from", "alpine", "--mirror", "ftp://a/"],
    /cannot use the mirror "ftp:\/\/a\/": it is not an http or https URL/,
  ],
  [["--kernel", "/nowhere"], /cannot use the kernel "\/nowhere": it is neither a version in the/],
  [["--modules", "m", "--kernel", "/dev/null"], /"\/dev\/null": it is not a file/],
  [["--kernel", "/dev/null"], /cannot use the kernel "\/dev\/null": it is not a file/],
];

for (const [args, message] of WRONG) {
  Deno.test(`initrd build ${args.join(" ")} is rejected with exit code 2`, async () => {
    using folder = tempDir();
    Deno.writeFileSync(`${folder.path}/vmlinuz`, bzImage());
    const kernel = args.includes("--kernel") ? [] : ["--kernel", `${folder.path}/vmlinuz`];
    const env = { EXECVM_CACHE: folder.path };
    const { code, stdout, stderr } = await execvm(["initrd", "build", ...kernel, ...args], { env });
    assert.match(stderr, message);
    assert.deepEqual([code, stdout], [2, ""]);
  });
}

Deno.test("initrd build without a kernel advises how to get one", async () => {
  using folder = tempDir();
  const env = { EXECVM_CACHE: folder.path };
  const { code, stderr } = await execvm(["initrd", "build"], { env });
  assert.equal(code, 125);
  assert.equal(
    stderr,
    "execvm: cannot build an initrd: there is no kernel: run execvm kernel fetch\n",
  );
});

Deno.test({
  ...needs(
    "initrd build prints the path and the kind of init, and the second time uses the cache",
    "/bin/busybox",
  ),
  async fn() {
    using folder = tempDir();
    const image = `${folder.path}/vmlinuz`;
    Deno.writeFileSync(image, bzImage());
    const env = { EXECVM_CACHE: `${folder.path}/cache` };
    const build = (...args: string[]) =>
      execvm(["initrd", "build", "--kernel", image, ...args], { env });
    const first = await build();
    assert.equal(first.code, 0, first.stderr);
    assert.match(
      first.stderr,
      /^execvm: the guest's init is (compiled|Deno with a script, as .+)$/m,
    );
    const path = first.stdout.trimEnd();
    assert.ok(path.startsWith(`${folder.path}/cache/initrds/`));
    const second = await build();
    assert.deepEqual([second.stdout, second.stderr], [
      first.stdout,
      "execvm: the initrd was in the cache already\n",
    ]);
    const output = `${folder.path}/initrd`;
    assert.equal((await build("--output", output)).stdout, `${output}\n`);
    assert.deepEqual(Deno.readFileSync(output), Deno.readFileSync(path));
  },
});

Deno.test({
  ...needs("initrd build --from alpine uses the newest root of a mirror", "/bin/busybox", "cpio"),
  async fn() {
    using folder = tempDir();
    const image = `${folder.path}/vmlinuz`;
    Deno.writeFileSync(image, bzImage());
    Deno.writeTextFileSync(`${folder.path}/marker-of-new`, "");
    const root = `${folder.path}/root.tar.gz`;
    await tar("marker-of-new", { directory: folder.path }).pipe(gzip()).to(file(root)).run();
    await using mirror = serveMirror({
      ...minirootfs("3.9.0", "old"),
      ...minirootfs("3.10.0", Deno.readFileSync(root)),
    });
    const { code, stdout, stderr } = await execvm(
      ["initrd", "build", "--kernel", image, "--from", "alpine", "--mirror", mirror.mirror],
      { env: { EXECVM_CACHE: `${folder.path}/cache` } },
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^execvm: downloading http:.*alpine-minirootfs-3\.10\.0-.*\.tar\.gz$/m);
    const lines = await listInitrd(stdout.trimEnd());
    assert.ok(lines.some((line) => line.endsWith(" marker-of-new")), lines.join("\n"));
  },
});
