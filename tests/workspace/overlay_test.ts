// Upper directories written by the kernel's overlayfs.

import assert from "node:assert/strict";
import { openExt4 } from "../../src/ext4/ext4.ts";
import { bytesSource } from "../../src/ext4/source.ts";
import { ext4Lower } from "../../src/workspace/ext4_lower.ts";
import { indexLower } from "../../src/workspace/index_lower.ts";
import { workspaceChanges } from "../../src/workspace/workspace_changes.ts";
import { makeTree, tool } from "../archive/fixture.ts";
import { makeImage, mounted, needsMounts } from "../ext4/fixture.ts";
import { tempDir } from "../support/temp_dir.ts";
import { indexOf, summary } from "./fixture.ts";

const IMAGE = {
  "etc/hosts": "localhost\n",
  "etc/passwd": "root\n",
  "tree/a": "a",
  "tree/deep/b": "b",
  "tree/deep/c": "c",
  "link": { link: "etc/hosts" },
  "empty": { dir: true } as const,
  "workspace/of image": "hidden",
};

function makeFolders(folder: string): void {
  for (const name of ["upper", "work"]) Deno.mkdirSync(`${folder}/${name}`);
}

/** The image that each run starts with, made once. */
let started: Promise<[image: Uint8Array, disk: Uint8Array]> | undefined;

/** The disks of a run after a shell has run `script` on the overlay. */
async function run(script: string): Promise<{ image: Uint8Array; disk: Uint8Array }> {
  using dir = tempDir();
  const at = (name: string) => `${dir.path}/${name}`;
  for (const name of ["image", "disk", "root"]) Deno.mkdirSync(at(name));
  started ??= Promise.all([
    makeImage((folder) => makeTree(folder, IMAGE), { mib: 8 }),
    makeImage(makeFolders, { mib: 8 }),
  ]);
  const [image, disk] = await started;
  Deno.writeFileSync(at("image.img"), image);
  Deno.writeFileSync(at("disk.img"), disk);
  {
    await using _image = await mounted(at("image.img"), at("image"), "loop,ro");
    await using _disk = await mounted(at("disk.img"), at("disk"));
    const layers = `lowerdir=${at("image")},upperdir=${at("disk/upper")},workdir=${
      at("disk/work")
    }`;
    const options = `${layers},redirect_dir=off,metacopy=off,index=off`;
    await tool(["mount", "-t", "overlay", "overlay", "-o", options, at("root")]);
    try {
      // A new folder hides that of the image.
      await tool(["sh", "-euc", "rm -r workspace; mkdir workspace tmp"], undefined, at("root"));
      await tool(["sh", "-euc", script], undefined, at("root"));
    } finally {
      await tool(["umount", at("root")]);
    }
  }
  return { image: Deno.readFileSync(at("image.img")), disk: Deno.readFileSync(at("disk.img")) };
}

const RUNS: Record<string, { script: string; expected: string[] }> = {
  "nothing": { script: "true", expected: [] },
  "reading only": { script: "cat etc/hosts; ls -R tree >/dev/null", expected: [] },
  "new files": {
    script: "echo new >etc/new; mkdir -p made/dir; echo x >made/dir/f; ln -s f made/l",
    expected: [
      "created file /etc/new",
      "created directory /made",
      "created directory /made/dir",
      "created file /made/dir/f",
      "created symlink /made/l",
    ],
  },
  "changed content": { script: "echo more >>etc/hosts", expected: ["changed file /etc/hosts"] },
  "a file rewritten with the same content": {
    script: "cp etc/hosts h; cat h >etc/hosts; rm h",
    expected: [],
  },
  "a new time": { script: "touch etc/hosts tree", expected: [] },
  "a new mode": {
    script: "chmod 600 etc/hosts; chmod 700 tree",
    expected: ["changed file /etc/hosts", "changed directory /tree"],
  },
  "a new owner": { script: "chown 1000:1000 etc/passwd", expected: ["changed file /etc/passwd"] },
  "a deleted file": { script: "rm etc/hosts", expected: ["deleted file /etc/hosts"] },
  "a deleted directory": {
    script: "rm -r tree",
    expected: [
      "deleted directory /tree",
      "deleted file /tree/a",
      "deleted directory /tree/deep",
      "deleted file /tree/deep/b",
      "deleted file /tree/deep/c",
    ],
  },
  "a directory that was deleted and made again": {
    script: "rm -r tree; mkdir -p tree/deep; echo a | tr -d '\\n' >tree/a; echo n >tree/deep/n",
    expected: [
      "deleted file /tree/deep/b",
      "deleted file /tree/deep/c",
      "created file /tree/deep/n",
    ],
  },
  "a directory in place of a file": {
    script: "rm etc/hosts; mkdir etc/hosts; echo f >etc/hosts/f",
    expected: ["changed directory /etc/hosts", "created file /etc/hosts/f"],
  },
  "a file in place of a directory": {
    script: "rm -r tree/deep; echo f >tree/deep",
    expected: [
      "changed file /tree/deep",
      "deleted file /tree/deep/b",
      "deleted file /tree/deep/c",
    ],
  },
  "a renamed directory": {
    script: "mv tree other",
    expected: [
      "created directory /other",
      "created file /other/a",
      "created directory /other/deep",
      "created file /other/deep/b",
      "created file /other/deep/c",
      "deleted directory /tree",
      "deleted file /tree/a",
      "deleted directory /tree/deep",
      "deleted file /tree/deep/b",
      "deleted file /tree/deep/c",
    ],
  },
  "a link that leads elsewhere": {
    script: "ln -sfn /etc/passwd link",
    expected: ["changed symlink /link"],
  },
  "made and deleted": { script: "echo x >x; rm x; mkdir y; rmdir y", expected: [] },
  "nodes": {
    script: "mkfifo fifo; mknod null c 1 3; mknod disk b 7 0",
    expected: [
      "created block-device /disk",
      "created fifo /fifo",
      "created character-device /null",
    ],
  },
  "the workspace and /tmp": {
    script: "echo x >tmp/x; ln tmp/x workspace/y; mkdir tmp/d; mv tmp/d workspace",
    expected: ["created directory /workspace/d", "created file /workspace/y"],
  },
  "the workspace": {
    script: "cd workspace; mkdir d; echo x >d/f; ln d/f g; mknod w c 1 3",
    expected: [
      "created directory /workspace/d",
      "created file /workspace/d/f",
      "created file /workspace/g",
      "created character-device /workspace/w",
    ],
  },
};

for (const [what, { script, expected }] of Object.entries(RUNS)) {
  Deno.test({
    ...needsMounts(`workspaceChanges() tells of ${what}, against an image or its index`),
    async fn() {
      const { image, disk } = await run(script);
      const lower = ext4Lower(openExt4(bytesSource("the image", image)));
      for (const it of [lower, indexLower(await indexOf(lower))]) {
        const workspace = openExt4(bytesSource("the workspace", disk));
        const { artifacts, truncated } = await workspaceChanges(workspace, { image: it });
        assert.deepEqual(summary(artifacts), expected);
        assert.equal(truncated, false);
      }
    },
  });
}
