// Empty disks, and copies with holes.

import assert from "node:assert/strict";
import { DISK_RANGE } from "../../src/disks/disk_range.ts";
import { makeExt4Disk } from "../../src/disks/ext4_disk.ts";
import { openExt4 } from "../../src/ext4/ext4.ts";
import { fileSource } from "../../src/ext4/source.ts";
import { copySparse } from "../../src/host/copy_sparse.ts";
import { requireCount } from "../../src/model/require_count.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

const MIB = 1 << 20;

Deno.test({
  ...needs("makeExt4Disk() makes a clean sparse disk", "mke2fs", "debugfs"),
  async fn() {
    using folder = tempDir();
    const path = `${folder.path}/disk`;
    await makeExt4Disk(path, 300);
    const { size, blocks, mode } = Deno.statSync(path);
    assert.deepEqual([size, mode! & 0o777], [300 * MIB, 0o600]);
    assert.ok(blocks! * 512 < MIB, `${blocks} blocks`);
    const { code } = await new Deno.Command("e2fsck", { args: ["-fn", path] }).output();
    assert.equal(code, 0);
    using file = Deno.openSync(path);
    const disk = openExt4(fileSource("the disk", file));
    const entries = [...disk.entries(disk.root())];
    const owners = entries.map(({ name, inode }) => [name, disk.inode(inode).uid] as const);
    assert.deepEqual(owners.sort(), [["lost+found", 0], ["upper", 0], ["work", 0]]);
  },
});

Deno.test("DISK_RANGE has the sizes that a disk can have", () => {
  for (const size of [0, 7, 8.5, NaN, 2 ** 25]) {
    assert.throws(() => requireCount("make a disk", { size }, DISK_RANGE), RangeError);
  }
  requireCount("make a disk", { size: 8 }, DISK_RANGE);
});

Deno.test("copySparse() copies data, and no holes", async () => {
  using folder = tempDir();
  const [from, to] = [`${folder.path}/from`, `${folder.path}/to`];
  {
    using file = Deno.createSync(from);
    for (const start of [0, 5 * MIB + 100, 20 * MIB]) {
      file.seekSync(start, Deno.SeekMode.Start);
      file.writeSync(new Uint8Array(3000).fill(start % 251 + 1));
    }
    file.truncateSync(64 * MIB);
  }
  Deno.writeTextFileSync(to, "another one");
  await copySparse(from, to);
  assert.deepEqual(Deno.readFileSync(to), Deno.readFileSync(from));
  assert.ok(Deno.statSync(to).blocks! * 512 < MIB);
});

Deno.test("copySparse() copies a file that is one hole, and an empty one", async () => {
  using folder = tempDir();
  for (const size of [0, MIB]) {
    const from = `${folder.path}/${size}`;
    Deno.createSync(from).close();
    Deno.truncateSync(from, size);
    await copySparse(from, `${from}-copy`);
    assert.equal(Deno.statSync(`${from}-copy`).size, size);
  }
});
