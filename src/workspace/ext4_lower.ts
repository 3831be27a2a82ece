/** Reads the files that were there before a run from an ext4 image. */
import type { Ext4 } from "../ext4/ext4.ts";
import { type Entry, entryOf } from "./artifact.ts";
import { Ext4Tree } from "./ext4_tree.ts";
import { hashFile } from "./hash_file.ts";
import type { Lower } from "./lower.ts";

/** Returns the files of an image. Each call to the result throws `Ext4Error` on a damaged image. */
export function ext4Lower(image: Ext4): Lower {
  const tree = new Ext4Tree(image, image.root(), Infinity);
  return {
    lookup(path): Entry | undefined {
      const inode = tree.find(path);
      if (inode === undefined) return undefined;
      return entryOf(inode, inode.kind === "symlink" ? image.linkTarget(inode) : undefined);
    },
    list(path) {
      const inode = tree.find(path);
      return inode?.kind === "directory" ? tree.listing(inode).names.keys() : [];
    },
    async sha256(path) {
      const inode = tree.find(path);
      return inode?.kind === "file" ? await hashFile(image, inode) : undefined;
    },
  };
}
