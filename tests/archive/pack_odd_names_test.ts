// Packing files with names that are not UTF-8, and extended attributes.

import assert from "node:assert/strict";
import { ByteReader } from "../../src/archive/byte_reader.ts";
import { packTar } from "../../src/archive/pack_tar.ts";
import { readTar } from "../../src/archive/read_tar.ts";
import { needs } from "../support/tools.ts";
import { collect, tempDir, tool } from "./fixture.ts";

const decoder = new TextDecoder();

/**
 * A tree of names that are mostly not UTF-8, and some that contain U+FFFD as Deno would show them.
 */
const MAKE = `
set -e
cd "$1"
odd=$(printf 'd\\377'); sub=$(printf 'sub\\376'); letter=$(printf '\\351')
mkdir -p "$odd/$sub" ok
echo in >"$odd/f"
head -c 700000 /dev/zero >"$odd/$sub/$letter"
ln "$odd/$sub/$letter" "ok/h$letter"
ln -s "to$letter" "ok/s$letter"
ln -s f "$odd/s"
mkfifo "p$letter"
chmod 2750 "$odd/$sub"
touch -h -d @86400 "$odd/s"
printf real >"$(printf '\\357\\277\\275')"
`;

async function makeOdd(folder: string): Promise<string> {
  const root = `${folder}/root`;
  Deno.mkdirSync(root);
  await tool(["sh", "-c", MAKE, "sh", root]);
  return root;
}

/** The content of a folder as listed by GNU tar. */
async function listed(tar: Uint8Array): Promise<string> {
  const argv = ["tar", "--quoting-style=escape", "--numeric-owner", "--warning=none", "-tvv"];
  return decoder.decode(await tool(argv, tar));
}

Deno.test("packTar() packs names and targets that are not UTF-8 unchanged", async () => {
  using dir = tempDir();
  const root = await makeOdd(dir.path);
  const packed = await collect(packTar(["."], { directory: root }));
  const theirs = await tool(["tar", "--sort=name", "--format=gnu", "-C", root, "-c", "."]);
  const lines = (text: string) => text.split("\n").sort();
  assert.deepEqual(lines(await listed(packed)), lines(await listed(theirs)));
  const out = `${dir.path}/out`;
  Deno.mkdirSync(out);
  await tool(["tar", "--warning=none", "-C", out, "-x"], packed);
  await tool(["diff", "-r", "--no-dereference", "-x", "p*", root, out]);
});

Deno.test("packTar() reports that a name that is not UTF-8 needs FFI", async () => {
  using dir = tempDir();
  const root = await makeOdd(dir.path);
  const url = import.meta.resolve("../../src/archive/pack_tar.ts");
  const code = `import { packTar } from ${JSON.stringify(url)};
    await packTar(["."], { directory: ${JSON.stringify(root)} }).pipeTo(new WritableStream());`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", code],
    env: { EXECVM_NO_FFI: "1", NO_COLOR: "1" },
  }).output();
  assert.ok(!success);
  assert.match(
    decoder.decode(stderr),
    /must be readable: its name is not UTF-8, which needs FFI: use GNU tar/,
  );
});

Deno.test({
  ...needs("packTar() packs user extended attributes if requested", "setfattr"),
  async fn() {
    using dir = tempDir();
    await tool(["sh", "-c", 'cd "$1" && mkdir d && : >f && ln -s f l', "sh", dir.path]);
    await tool(["setfattr", "-n", "user.b", "-v", "0xff0041", `${dir.path}/f`]);
    await tool(["setfattr", "-n", "user.größe", "-v", "1", `${dir.path}/f`]);
    await tool(["setfattr", "-n", "user.d", "-v", "d", `${dir.path}/d`]);
    const rows: Record<string, unknown> = {};
    for (const xattrs of [true, false]) {
      const tar = packTar(["."], { directory: dir.path, xattrs });
      for await (const { header } of readTar(new ByteReader(tar))) {
        if (header.xattrs) rows[`${header.name} ${xattrs}`] = header.xattrs;
      }
    }
    assert.deepEqual(rows, {
      "./d/ true": new Map([["user.d", Uint8Array.of(0x64)]]),
      "./f true": new Map([
        ["user.b", Uint8Array.of(0xff, 0, 0x41)],
        ["user.größe", Uint8Array.of(0x31)],
      ]),
    });
  },
});
