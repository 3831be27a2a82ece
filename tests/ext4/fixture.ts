/** Helpers of the ext4 tests: images made by the real tools, and their content as lines. */

import { createHash } from "node:crypto";
import { type Ext4, openExt4 } from "../../src/ext4/ext4.ts";
import type { Inode } from "../../src/ext4/inode.ts";
import { bytesSource } from "../../src/ext4/source.ts";
import { snapshot, tool } from "../archive/fixture.ts";
import { isInstalled } from "../support/tools.ts";
import { tempDir } from "../support/temp_dir.ts";

/** Makes an image of `mib` MiB with the files that `build` makes in a folder. */
export async function makeImage(
  build: (folder: string) => Promise<void> | void,
  { mib = 32, options = [] }: { mib?: number; options?: readonly string[] } = {},
): Promise<Uint8Array> {
  using dir = tempDir();
  Deno.mkdirSync(`${dir.path}/tree`);
  await build(`${dir.path}/tree`);
  const path = `${dir.path}/disk.img`;
  await tool(["mke2fs", "-q", "-t", "ext4", ...options, "-d", `${dir.path}/tree`, path, `${mib}M`]);
  return Deno.readFileSync(path);
}

/** Runs a tool that changes an image and returns the result; status 1 may report a change. */
export async function changedBy(
  image: Uint8Array,
  argv: (path: string) => string[],
): Promise<Uint8Array> {
  using dir = tempDir();
  const path = `${dir.path}/disk.img`;
  Deno.writeFileSync(path, image);
  const [program, ...args] = argv(path);
  const { code, stdout, stderr } = await new Deno.Command(program!, { args }).output();
  if (code > 1) {
    throw new Error(new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
  }
  return Deno.readFileSync(path);
}

/** Runs commands of debugfs on an image and returns the changed image. */
export function debugfs(image: Uint8Array, commands: readonly string[]): Promise<Uint8Array> {
  const file = Deno.makeTempFileSync();
  Deno.writeTextFileSync(file, commands.map((line) => `${line}\n`).join(""));
  return changedBy(image, (path) => ["debugfs", "-w", "-f", file, path])
    .finally(() => Deno.removeSync(file));
}

/** Opens an image in memory. */
export function open(image: Uint8Array): Ext4 {
  return openExt4(bytesSource("the workspace", image));
}

/** The offset of a text in an image, where it must occur once. */
export function placeOf(image: Uint8Array, text: string): number {
  const bytes = new TextEncoder().encode(text);
  const places: number[] = [];
  for (let at = image.indexOf(bytes[0]!); at >= 0; at = image.indexOf(bytes[0]!, at + 1)) {
    if (bytes.every((byte, index) => image[at + index] === byte)) places.push(at);
  }
  if (places.length !== 1) throw new Error(`${text} is at ${places.length} places`);
  return places[0]!;
}

/** Finds an inode by its path. */
export function find(disk: Ext4, path: string): Inode {
  let inode = disk.root();
  for (const part of path.split("/")) {
    const entry = [...disk.entries(inode)].find(({ name }) => name === part);
    if (entry === undefined) throw new Error(`${path} is not there`);
    inode = disk.inode(entry.inode);
  }
  return inode;
}

/** The content of a file, holes filled. */
export function contentOf(disk: Ext4, inode: Inode): Uint8Array {
  const content = new Uint8Array(inode.size);
  for (const { offset, bytes } of disk.content(inode)) content.set(bytes, offset);
  return content;
}

/** The lines that `diskSnapshot` returns for a disk with the content of a folder. */
export function folderSnapshot(folder: string): string[] {
  return snapshot(folder).map((line) => {
    const [path, mode, mtime, what, first] = JSON.parse(line);
    return JSON.stringify([path, mode, mtime, shortened(what), first]);
  }).filter((line) => !line.startsWith('["lost+found"'));
}

/**
 * The content of a disk, a line for each name: mode, mtime in seconds, content or target, first
 * name.
 */
export function diskSnapshot(disk: Ext4): string[] {
  const names = new Map<number, string>();
  const lines: string[] = [];
  const visit = (directory: Inode, prefix: string): void => {
    const entries = [...disk.entries(directory)].sort((a, b) => a.name < b.name ? -1 : 1);
    for (const { name, inode: number } of entries) {
      const path = prefix + name;
      if (path === "lost+found") continue;
      const inode = disk.inode(number);
      const isLinked = inode.kind === "file" && inode.links > 1;
      const first = isLinked ? names.get(number) ?? path : path;
      names.set(number, first);
      const mode = inode.mode.toString(8);
      const text = shortened(what(disk, inode));
      lines.push(JSON.stringify([path, mode, inode.mtime.seconds, text, first]));
      if (inode.kind === "directory") visit(inode, `${path}/`);
    }
  };
  visit(disk.root(), "");
  return lines;
}

function what(disk: Ext4, inode: Inode): string {
  if (inode.kind === "directory") return "dir";
  if (inode.kind === "symlink") return `-> ${disk.linkTarget(inode)}`;
  return inode.kind === "file" ? contentOf(disk, inode).toBase64() : "node";
}

/** Replaces long content by its hash, so that a failed comparison is readable. */
function shortened(text: string): string {
  return text.length < 100 ? text : createHash("sha256").update(text).digest("hex");
}

/** Options for a test that mounts file systems, which root may not do on every machine. */
export function needsMounts(name: string): Pick<Deno.TestDefinition, "name" | "ignore"> {
  if (CAN_MOUNT) return { name, ignore: false };
  return { name: `${name} (skipped: no right to mount an ext4 image)`, ignore: true };
}

/** Mounts an image at a folder until disposed. */
export async function mounted(
  image: string,
  folder: string,
  options = "loop",
): Promise<AsyncDisposable> {
  await tool(["mount", "-o", options, image, folder]);
  return { [Symbol.asyncDispose]: async () => void await tool(["umount", folder]) };
}

const CAN_MOUNT = await canMount();

async function canMount(): Promise<boolean> {
  if (Deno.uid() !== 0 || !isInstalled("mke2fs")) return false;
  using dir = tempDir();
  try {
    Deno.writeFileSync(`${dir.path}/disk.img`, await makeImage(() => {}, { mib: 8 }));
    Deno.mkdirSync(`${dir.path}/mnt`);
    await using _ = await mounted(`${dir.path}/disk.img`, `${dir.path}/mnt`);
    return true;
  } catch {
    return false;
  }
}
