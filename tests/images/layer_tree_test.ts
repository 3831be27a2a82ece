import assert from "node:assert/strict";
import type { TarHeader } from "../../src/archive/tar_format.ts";
import { LayerTree } from "../../src/images/layer_tree.ts";
import { IMPLIED_FOLDER } from "../../src/images/root_path.ts";

/** Adds to the steps that the entries of a test have by themselves. */
const STEPS = 1000;

function file(name: string): TarHeader {
  return { ...IMPLIED_FOLDER, type: "file", name };
}

function symlink(name: string, linkName: string): TarHeader {
  return { ...IMPLIED_FOLDER, type: "symlink", name, linkName };
}

/** A root with a folder of 400 files, in a layer of its own. */
function wideRoot(): LayerTree {
  const tree = new LayerTree("apply", undefined, STEPS);
  tree.startLayer();
  for (let index = 0; index < 400; index++) tree.add(file(`d/f${index}`));
  tree.startLayer();
  return tree;
}

for (
  const [what, entries] of [
    ["makes a folder opaque", [file("d/.wh..wh..opq")]],
    ["removes a folder", [{ ...IMPLIED_FOLDER, name: "d" }, file("d/x"), file(".wh.d")]],
    ["replaces a folder", [{ ...IMPLIED_FOLDER, name: "d" }, file("d")]],
    ["follows symlinks", [symlink("s", "d/../".repeat(200) + "d"), file("s/x")]],
  ] as const
) {
  Deno.test(`a layer that ${what} again and again is refused before that takes long`, () => {
    using tree = wideRoot();
    const once = () => entries.forEach((entry) => tree.add(entry));
    once();
    assert.throws(() => Array.from({ length: 1000 }).forEach(once), {
      name: "ArchiveError",
      message:
        /^cannot merge the layers: they remove the same folders or follow the same symlinks too often$/,
    });
  });
}

Deno.test("many entries in deep folders are not refused", () => {
  using tree = new LayerTree("apply", undefined, 0);
  tree.startLayer();
  for (let index = 0; index < 1000; index++) tree.add(file(`${"d/".repeat(50)}f${index}`));
});

Deno.test("at most 500 layers are merged, as overlayfs has them", () => {
  using tree = new LayerTree("apply");
  for (let index = 0; index < 500; index++) tree.startLayer();
  assert.throws(() => tree.startLayer(), {
    name: "ArchiveError",
    message: "cannot merge the layers: there must be at most 500",
  });
});
