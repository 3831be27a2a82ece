// What the system refuses, as a user reads it: one line with the place and the reason.

import assert from "node:assert/strict";
import { readGiven } from "../../../src/code/given_workspace.ts";
import { folderFault } from "../../../src/host/fault.ts";
import { EXECVM, execvm } from "../../support/cli.ts";
import { needsReadOnly } from "../../support/read_only.ts";
import { tempDir } from "../../support/temp_dir.ts";

/** Runs an argv with a tmpfs of 64 KiB at a folder. */
const ON_SMALL_DISK = `
mount -t tmpfs -o size=64k tmpfs "$1"
shift
exec "$@"
`;

async function onSmallDisk(folder: string, args: readonly string[], env = {}) {
  const argv = ["--mount", "sh", "-c", ON_SMALL_DISK, "sh", folder, ...EXECVM, ...args];
  const output = await new Deno.Command("unshare", { args: argv, stdin: "null", env }).output();
  return { code: output.code, stderr: new TextDecoder().decode(output.stderr) };
}

/** More than the disk takes; not all the same, so that a tar of it is no smaller. */
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

Deno.test("stdout that is full is named", async () => {
  const args = ["-c", 'exec "$@" >/dev/full', "sh", ...EXECVM, "doctor"];
  const { code, stderr } = await new Deno.Command("sh", { args, stdin: "null" }).output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [
    125,
    "execvm: cannot write to stdout: the disk is full\n",
  ]);
});

Deno.test("a folder that cannot be entered is told by why, alike with and without somebody who watches", async () => {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  const rows = [["no", "there is no such folder"], ["file", "it is no folder"]] as const;
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
        `execvm: Cannot run in "${folder.path}/${name}" as ${fact}\n`,
      ]);
    }
  }
});

Deno.test("a folder that may not be entered is told as such", () => {
  const refused = new Deno.errors.PermissionDenied("Permission denied (os error 13): chdir 'x'");
  assert.equal(folderFault(refused), "there is no permission to enter it");
});

Deno.test("what is to be read and is not there is wrong usage, for pipe and plan as for code", async () => {
  using folder = tempDir();
  for (const command of ["pipe", "plan"]) {
    const { code, stderr } = await execvm([command, `${folder.path}/no.json`]);
    assert.deepEqual([code, stderr], [
      2,
      `execvm: Cannot read the pipeline "${folder.path}/no.json" as there is no such file\n`,
    ]);
  }
  const folderRun = await execvm(["pipe", folder.path]);
  assert.deepEqual([folderRun.code, folderRun.stderr], [
    2,
    `execvm: Cannot read the pipeline "${folder.path}" as it is a folder\n`,
  ]);
});

Deno.test("a file that code is to be given, and that is not there, is named", async () => {
  await assert.rejects(readGiven({ x: "/no/such/file" }), {
    message: 'cannot give the code the file "/no/such/file": there is no such file or folder',
  });
});

Deno.test("a file in a folder that is not there names the folder", async () => {
  using folder = tempDir();
  for (const option of ["--report", "--trace"]) {
    const { code, stderr } = await execvm(["run", option, `${folder.path}/no/file`, "true"]);
    assert.deepEqual([code, stderr], [
      125,
      `execvm: Cannot write "${folder.path}/no/file" as there is no folder "${folder.path}/no/"\n`,
    ]);
  }
});

Deno.test("a cache that is below a file is told as such", async () => {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  const { code, stderr } = await execvm(["kernel", "list"], {
    env: { EXECVM_CACHE: `${folder.path}/file/cache` },
  });
  assert.deepEqual([code, stderr], [
    125,
    `execvm: cannot list "${folder.path}/file/cache/kernels": a part of its path is no folder\n`,
  ]);
});
