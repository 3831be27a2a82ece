// Images in all formats hold the same root.

import assert from "node:assert/strict";
import { type ImageFormat, prepareImage, runCode } from "../../mod.ts";
import type { ManifestEntry } from "../../src/images/manifest.ts";
import { convertImage } from "../../src/prepare/convert_image.ts";
import { spaceFor } from "../../src/prepare/image_format.ts";
import { findBusybox } from "../../guest-build/busybox.ts";
import { rawTar, tool } from "../archive/fixture.ts";
import { codeTest } from "../code/fixture.ts";
import { pax } from "../images/fixture.ts";
import { tempDir } from "../support/temp_dir.ts";

/** A root of busybox, with everything that a file system has to preserve. */
async function makeRoot(path: string): Promise<string> {
  const busybox = Deno.readFileSync((await findBusybox())!);
  const entries = [
    pax(["uid", "70000"], ["mtime", "1234"]),
    { name: "./", mode: 0o2751 },
    { name: "bin/busybox", data: busybox, mode: 0o755 },
    { name: "bin/sh", type: "2", link: "busybox" },
    pax(["uid", "70000"], ["gid", "6"]),
    { name: "old", data: "old", mode: 0o640, mtime: 1_000_000_000 },
    { name: "second", type: "1", link: "old" },
    { name: "null", type: "3", major: 1, minor: 3, mode: 0o666, mtime: 5 },
    { name: "sticky/", mode: 0o1777, mtime: 6 },
    { name: "sticky/größe", data: "x".repeat(5000), mode: 0o4755, mtime: 7 },
    { name: "empty/", mtime: 8 },
    pax(["SCHILY.xattr.user.colour", "red"]),
    { name: "with", data: "with", mtime: 9 },
    ...FAR.flatMap((mtime) => [pax(["mtime", `${mtime}`]), { name: `far/${mtime}`, data: "" }]),
    pax(["mtime", "-7"]),
    { name: "far/" },
    { name: Uint8Array.of(0x61, 0xff), data: "bytes" },
  ];
  Deno.writeFileSync(path, rawTar(...entries));
  return path;
}

/** Times outside the range of a squashfs, or of 32 bits with a sign. */
const FAR = [-2147483648, -1, 2147483648, 4294967295, 4294967296, 15032385535];

/** Prints the root, then changes parts of it. */
const LOOK = `
cd /
stat -c '%n %F %a %u:%g %h %s %t,%T %Y' old second null sticky/* with
stat -c '%n %a %u:%g %Y' empty sticky
ls -A / | grep -v '^a' # which busybox may print as it likes
cat old
echo
stat -c '%n %Y' far far/*
cat a?
echo more >> old; rm second; echo made > sticky/made; rmdir empty
`;

const SEEN = `\
old regular file 640 70000:6 2 3 0,0 1000000000
second regular file 640 70000:6 2 3 0,0 1000000000
null character special file 666 0:0 1 0 1,3 5
sticky/größe regular file 4755 0:0 1 5000 0,0 7
with regular file 644 0:0 1 4 0,0 9
empty 755 0:0 8
sticky 1777 0:0 6
bin
dev
empty
etc
far
null
old
proc
run
second
sticky
sys
tmp
with
workspace
old
far -7
${FAR.map((mtime) => `far/${mtime} ${mtime}`).sort().join("\n")}
bytes`;

const CHANGES = [
  "deleted directory /empty",
  "changed file /old",
  "deleted file /second",
  "created file /sticky/made",
];

async function makeFormats(test: Deno.TestContext): Promise<void> {
  using folder = tempDir();
  const from = await makeRoot(`${folder.path}/root.tar`);
  const squashfs = await prepareImage({ from });
  const ext4 = await prepareImage({ from, format: "ext4", accel: "tcg" });
  const erofs = await prepareImage({ from, format: "erofs", accel: "tcg" });
  for (const image of [ext4, erofs]) {
    await test.step(`${image.format}: code sees the whole root, and its changes are detected`, async () => {
      assert.deepEqual(await prepareImage({ from, format: image.format }), image);
      assert.ok(image.path.endsWith(`/root.${image.format}`));
      const result = await runCode(image, LOOK, {
        accel: "tcg",
        language: "sh",
        template: false, // the machine is used once
        outputsDir: `${folder.path}/${image.format}`,
      });
      assert.equal(result.exitStatus, 0, result.stderr);
      assert.equal(result.stdout, SEEN);
      assert.deepEqual(
        result.artifacts.map(({ change, kind, path }) => `${change} ${kind} ${path}`),
        CHANGES,
      );
    });
  }

  await test.step("the programs of each format find no errors, and the extended attributes", async () => {
    const text = async (...argv: string[]) => new TextDecoder().decode(await tool(argv));
    await text("e2fsck", "-fn", ext4.path);
    await text("fsck.erofs", erofs.path);
    assert.match(await text("debugfs", "-R", "ea_get /with user.colour", ext4.path), /red/);
    assert.match(await text("dump.erofs", "--path=/with", erofs.path), /Xattr size: [1-9]/);
    assert.match(await text("dump.erofs", "--path=/old", erofs.path), /Xattr size: 0/);
  });

  await test.step("the root folder is unchanged", async () => {
    const text = async (...argv: string[]) => new TextDecoder().decode(await tool(argv));
    const ofExt4 = await text("debugfs", "-R", "stat /", ext4.path);
    assert.match(ofExt4, /Mode: +02751 [^]*User: 70000 +Group: +0 [^]* mtime: 0x000004d2:/);
    const ofErofs = await text("dump.erofs", "--path=/", erofs.path);
    assert.match(ofErofs, /Uid: 70000 +Gid: 0 +Access: 0751\/[^]*Timestamp: 1970-01-01 00:20:34/);
  });

  for (const [format, { path }] of [["ext4", ext4], ["erofs", erofs]] as const) {
    await test.step(`${format}: made again, it is the same byte for byte`, async () => {
      const again = `${folder.path}/again.${format}`;
      await convertImage(squashfs.path, again, { format, accel: "tcg" });
      assert.ok(Deno.readFileSync(again).every(equalTo(Deno.readFileSync(path))));
      assert.equal(Deno.statSync(again).size, Deno.statSync(path).size);
    });
  }
}

const NAME = "prepareImage() makes an ext4 or erofs with the whole root";
codeTest(NAME, makeFormats, "mkfs.erofs", "debugfs");

function equalTo(bytes: Uint8Array): (byte: number, index: number) => boolean {
  return (byte, index) => byte === bytes[index];
}

Deno.test("spaceFor() counts each file, folder, link and name", async () => {
  const root = { mode: 0o755, uid: 0, gid: 0 } as const;
  const entry = (path: string, kind: ManifestEntry["kind"], size?: number): ManifestEntry =>
    size === undefined ? { path, kind, ...root } : { path, kind, ...root, size };
  const none = await spaceFor([]);
  const some = await spaceFor([
    entry("/", "directory"),
    entry("/a", "file", 100 << 20),
    entry("/b", "symlink"),
  ]);
  assert.equal(some.inodes, none.inodes + 3);
  assert.ok(some.bytes >= none.bytes + (100 << 20));
  assert.ok(some.bytes < none.bytes + (110 << 20));
  assert.equal(some.bytes % (1 << 20), 0);
});

Deno.test("prepareImage() rejects unknown formats", async () => {
  const options = { from: "/not/there", format: "ntfs" as ImageFormat };
  await assert.rejects(prepareImage(options), {
    name: "TypeError",
    message: 'cannot make "ntfs": it must be one of squashfs, ext4, erofs',
  });
});
