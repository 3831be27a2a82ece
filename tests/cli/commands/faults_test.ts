// The messages for errors of the operating system: one line with the place and the reason.

import assert from "node:assert/strict";
import { prepareImage } from "../../../mod.ts";
import { readGiven } from "../../../src/code/given_workspace.ts";
import { chooseImage } from "../../../src/prepare/choose_image.ts";
import { requireBootFiles } from "../../../src/qemu/boot_files.ts";
import { folderFault } from "../../../src/host/fault.ts";
import { makeShellRoot } from "../../code/fixture.ts";
import { EXECVM, execvm } from "../../support/cli.ts";
import { KERNEL } from "../../support/kernel.ts";
import { needsReadOnly } from "../../support/read_only.ts";
import { tempDir } from "../../support/temp_dir.ts";

/** Runs an argv with a tmpfs of 64 KiB mounted at a folder, and lists what it leaves there. */
const ON_SMALL_DISK = `
mount -t tmpfs -o size=64k tmpfs "$1"
folder=$1
shift
"$@"
code=$?
ls -A "$folder"
exit $code
`;

async function onSmallDisk(folder: string, args: readonly string[], env = {}) {
  const argv = ["--mount", "sh", "-c", ON_SMALL_DISK, "sh", folder, ...EXECVM, ...args];
  const output = await new Deno.Command("unshare", { args: argv, stdin: "null", env }).output();
  const [stderr, left] = [output.stderr, output.stdout].map((it) => new TextDecoder().decode(it));
  return { code: output.code, stderr, left };
}

/** More than fits on the disk; not constant, so that a tar of it is no smaller. */
const TEXT = "0123456789".repeat(20_000);

const FULL:
  readonly (readonly [string, (folder: string) => object, Record<string, string>, string])[] = [
    [
      "a file",
      (folder) => ({ type: "text", text: TEXT, output: { type: "file", name: `${folder}/a` } }),
      {},
      '"FOLDER/a"',
    ],
    [
      "a file, without FFI",
      (folder) => ({
        ...{ type: "command", args: ["head", "-c", "200000", "/dev/zero"], env: {} },
        output: { type: "file", name: `${folder}/a` },
      }),
      { EXECVM_NO_FFI: "1" },
      '"FOLDER/a"',
    ],
    [
      "a folder",
      (folder) => ({
        ...{
          type: "tar",
          files: [`${folder}-big`],
          output: { type: "untar", directory: `${folder}/b` },
        },
      }),
      {},
      'below "FOLDER/b"',
    ],
  ];

for (const [name, pipelineOf, env, place] of FULL) {
  Deno.test({
    ...needsReadOnly(`${name} on a disk that is full is named`),
    async fn() {
      using parent = tempDir();
      const folder = `${parent.path}/small`;
      Deno.mkdirSync(folder);
      Deno.writeTextFileSync(`${folder}-big`, TEXT);
      Deno.writeTextFileSync(`${parent.path}/p.json`, JSON.stringify(pipelineOf(folder)));
      const { code, stderr } = await onSmallDisk(folder, ["pipe", `${parent.path}/p.json`], env);
      const wanted = `cannot write ${place.replace("FOLDER", folder)}: the disk is full`;
      assert.deepEqual([code, stderr], [125, `execvm: ${wanted}\n`]);
    },
  });
}

Deno.test({
  ...needsReadOnly(
    "outputs of code that do not fit on the disk are a named failure, and leave nothing behind",
    ...["qemu-system-x86_64", "sqfstar", "busybox", KERNEL],
  ),
  async fn() {
    using parent = tempDir();
    const folder = `${parent.path}/small`;
    Deno.mkdirSync(folder);
    const image = await prepareImage({ from: await makeShellRoot(`${parent.path}/root`) });
    const code = `${parent.path}/code.sh`;
    Deno.writeTextFileSync(code, "head -c 300000 /dev/urandom >big");
    const rows = [
      ["--outputs-tar", `${folder}/o.tar`, `"${folder}/o.tar"`],
      ["--outputs-dir", `${folder}/o`, `below "${folder}/o"`],
    ] as const;
    for (const [option, path, place] of rows) {
      const options = ["--image", image.key, "--accel", "tcg", "--lang", "sh", "-q", option, path];
      const { code: status, stderr, left } = await onSmallDisk(folder, ["code", ...options, code]);
      const wanted = `execvm: cannot write ${place}: the disk is full\n`;
      assert.deepEqual([status, stderr, left], [125, wanted, ""]);
    }
  },
});

Deno.test("an error of a full stdout names it", async () => {
  const args = ["-c", 'exec "$@" >/dev/full', "sh", ...EXECVM, "doctor"];
  const { code, stderr } = await new Deno.Command("sh", { args, stdin: "null" }).output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [
    125,
    "execvm: cannot write to stdout: the disk is full\n",
  ]);
});

Deno.test("a folder that cannot be entered is reported with the reason, with and without supervision", async () => {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  const rows = [["no", "there is no such folder"], ["file", "it is not a folder"]] as const;
  for (const [name, fact] of rows) {
    for (const watched of [[], ["--timeout", "1m"]]) {
      const { code, stderr } = await execvm([
        "run",
        ...watched,
        "--cwd",
        `${folder.path}/${name}`,
        "true",
      ]);
      assert.deepEqual([code, stderr], [
        125,
        `execvm: cannot run in "${folder.path}/${name}": ${fact}\n`,
      ]);
    }
  }
});

Deno.test("a folder without permission to enter is reported as such", () => {
  const refused = new Deno.errors.PermissionDenied("Permission denied (os error 13): chdir 'x'");
  assert.equal(folderFault(refused), "there is no permission to enter it");
});

Deno.test("a missing input file is wrong usage, for pipe, plan and code", async () => {
  using folder = tempDir();
  for (const command of ["pipe", "plan"]) {
    const { code, stderr } = await execvm([command, `${folder.path}/no.json`]);
    assert.deepEqual([code, stderr], [
      2,
      `execvm: cannot read the pipeline "${folder.path}/no.json": there is no such file\n`,
    ]);
  }
  const folderRun = await execvm(["pipe", folder.path]);
  assert.deepEqual([folderRun.code, folderRun.stderr], [
    2,
    `execvm: cannot read the pipeline "${folder.path}": it is a folder\n`,
  ]);
});

Deno.test("a missing file for the code is named", async () => {
  await assert.rejects(readGiven({ x: "/no/such/file" }), {
    message: 'cannot give the code the file "/no/such/file": there is no such file or folder',
  });
});

Deno.test("an output file in a missing folder names the folder", async () => {
  using folder = tempDir();
  for (const option of ["--report", "--trace"]) {
    const { code, stderr } = await execvm(["run", option, `${folder.path}/no/file`, "true"]);
    assert.deepEqual([code, stderr], [
      125,
      `execvm: cannot write "${folder.path}/no/file": there is no folder "${folder.path}/no/"\n`,
    ]);
  }
});

Deno.test("an empty file name is rejected before anything runs", async () => {
  using folder = tempDir();
  for (const option of [["--report", ""], ["--report="], ["--trace="]]) {
    const { code, stdout, stderr } = await execvm(["run", ...option, "--", "echo", "ran"], {
      cwd: folder.path,
    });
    assert.deepEqual([code, stdout, stderr], [
      125,
      "",
      'execvm: cannot write "": it has no name\n',
    ]);
  }
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test("an initrd whose output cannot be written is not built", async () => {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  for (
    const [output, fact] of [
      [folder.path, "it is a folder"],
      [`${folder.path}/no/x`, `there is no folder "${folder.path}/no/"`],
      [`${folder.path}/file/x`, "a part of its path is not a folder"],
      ["/dev/null", "it is not a regular file"], // which would be replaced
    ] as const
  ) {
    const { code, stderr } = await execvm(["initrd", "build", "--output", output]);
    assert.deepEqual([code, stderr], [125, `execvm: cannot write "${output}": ${fact}\n`]);
  }
  assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["file"]);
  assert.ok(Deno.statSync("/dev/null").isCharDevice);
});

Deno.test("input that is not JSON is reported on one line, however many lines it has", async () => {
  const { code, stderr } = await execvm(["pipe", "-"], { stdin: "hello\nworld\n" });
  assert.equal(code, 2);
  assert.match(stderr, /^execvm: cannot read a pipeline from stdin: it is not JSON: [^\n]+\n$/);
});

Deno.test("more memory than this machine has is reported before a machine starts", async () => {
  const spec = { kernel: "/dev/null", initrd: "/dev/null", machine: "q35" };
  await assert.rejects(requireBootFiles({ ...spec, memoryMib: 2 ** 24 }), {
    message: /^cannot boot with 16777216 MiB of memory: this machine has \d+ MiB, swap included$/,
  });
});

Deno.test("an empty name chooses no image, however many there are", () => {
  assert.throws(() => chooseImage(""), { message: 'cannot take the image "": there is none' });
});

Deno.test("a cache below a file is reported as such", async () => {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  const { code, stderr } = await execvm(["kernel", "list"], {
    env: { EXECVM_CACHE: `${folder.path}/file/cache` },
  });
  assert.deepEqual([code, stderr], [
    125,
    `execvm: cannot list "${folder.path}/file/cache/kernels": a part of its path is not a folder\n`,
  ]);
});
