// Sets mtimes in finished images.

import assert from "node:assert/strict";
import type { ManifestEntry } from "../../src/images/manifest.ts";
import { setFarTimes } from "../../src/prepare/far_times.ts";
import { FORMATTERS } from "../../src/prepare/image_format.ts";
import { tempDir, tool } from "../images/fixture.ts";
import { needs } from "../support/tools.ts";

/** Files that make the folder `large` larger than a block; `small` fits into one. */
const NAMES = Array.from({ length: 300 }, (_, index) => `large/${"n".repeat(20)}${index}`);
const PATHS = ["/", "/small", "/small/file", "/small/link", `/${NAMES[0]}`, `/${NAMES[299]}`];

const entry = (path: string, mtime?: number): ManifestEntry => {
  return { path, kind: "file", mode: 0o644, uid: 0, gid: 0, ...mtime !== undefined && { mtime } };
};

function makeRoot(root: string): void {
  for (const folder of ["large", "small"]) Deno.mkdirSync(`${root}/${folder}`, { recursive: true });
  for (const name of [...NAMES, "small/file"]) Deno.writeTextFileSync(`${root}/${name}`, "");
  Deno.symlinkSync("file", `${root}/small/link`);
}

async function text(...argv: string[]): Promise<string> {
  return new TextDecoder().decode(await tool(argv));
}

Deno.test({
  ...needs(
    "setFarTimes() sets mtimes in an erofs, for folders of any layout",
    "mkfs.erofs",
    "dump.erofs",
  ),
  async fn() {
    using folder = tempDir();
    makeRoot(`${folder.path}/root`);
    const image = `${folder.path}/image`;
    const space = { bytes: 0, inodes: 0, hasXattrs: true };
    await tool(["mkfs.erofs", ...FORMATTERS.erofs.args(image, `${folder.path}/root`, space)]);
    const times = PATHS.map((path, index) => entry(path, -1.5 - index));
    await setFarTimes(image, "erofs", [...times, entry("/small/other")], 2);
    for (const [index, path] of PATHS.entries()) {
      const dump = await text("dump.erofs", `--path=${path}`, image);
      const seconds = Date.parse(/Timestamp: (.{19})/.exec(dump)![1]!.replace(" ", "T") + "Z") /
        1000;
      assert.equal(seconds, -2 - index, path);
    }
    await tool(["fsck.erofs", image]);
    await assert.rejects(setFarTimes(image, "erofs", [entry("/small/none", -1)]), {
      message: /cannot set the mtime of \/small\/none in .*: it does not exist$/,
    });
  },
});

Deno.test({
  ...needs("setFarTimes() sets mtimes in an ext4, within its range", "mke2fs", "debugfs"),
  async fn() {
    using folder = tempDir();
    makeRoot(`${folder.path}/root`);
    const image = `${folder.path}/image`;
    await tool(["mke2fs", "-q", "-F", "-t", "ext4", "-d", `${folder.path}/root`, image, "16M"]);
    const rows: [path: string, mtime: number, stored: string][] = [
      ["/", -1, "0xffffffff:00000000"],
      ["/small", -1e12, "0x80000000:00000000"],
      ["/small/file", 2 ** 31, "0x80000000:00000001"],
      ["/small/link", 2 ** 32 + 5, "0x00000005:00000001"],
      [`/${NAMES[299]}`, 1e12, "0x7fffffff:00000003"],
    ];
    // In batches of two, where a real root has larger ones.
    await setFarTimes(image, "ext4", rows.map(([path, mtime]) => entry(path, mtime)), 2);
    for (const [path, , stored] of rows) {
      const stat = await text("debugfs", "-R", `stat ${path}`, image);
      assert.equal(/ mtime: (\S+)/.exec(stat)?.[1], stored, path);
    }
    await tool(["e2fsck", "-fn", image]);
  },
});
