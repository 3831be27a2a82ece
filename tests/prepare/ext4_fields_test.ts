// Reads and writes fields of a finished ext4 image.

import assert from "node:assert/strict";
import { editExt4, rootFields } from "../../src/prepare/ext4_fields.ts";
import { tempDir, tool } from "../images/fixture.ts";
import { needs } from "../support/tools.ts";

Deno.test({
  ...needs(
    "rootFields() set the mode, owner and time of the root of an ext4",
    "mke2fs",
    "debugfs",
  ),
  async fn() {
    using folder = tempDir();
    const image = `${folder.path}/image`;
    Deno.mkdirSync(`${folder.path}/root/a`, { recursive: true });
    await tool(["mke2fs", "-q", "-F", "-t", "ext4", "-d", `${folder.path}/root`, image, "16M"]);
    const stamp = { mode: 0o2751, uid: 70_000, gid: 300_000, mtime: 2 ** 32 - 1 };
    await editExt4(image, ["rmdir lost+found", ...rootFields(stamp)]);
    const stat = new TextDecoder().decode(await tool(["debugfs", "-R", "stat /", image]));
    assert.match(stat, /Type: directory +Mode: +02751 /);
    assert.match(stat, /User: 70000 +Group: 300000 /);
    assert.match(stat, / mtime: 0xffffffff:00000001 /);
    await tool(["e2fsck", "-fn", image]);
  },
});
