// The files that the tar rows pack: one big file, and a tree of many small ones.

import type { Sizes } from "./sizes.ts";

const BLOCK_BYTES = 512;
const FILES_PER_FOLDER = 100;
const MAX_SMALL_BYTES = 8192;

/** A folder to pack, and the required length of its archive. */
export interface TarFolder {
  readonly path: string;
  /** The length by tar(5): headers, content in blocks of 512 bytes, two empty blocks. */
  readonly archiveBytes: number;
}

/** Makes the folders, each once and only on demand. */
export class TarFixture {
  readonly #directory: string;
  readonly #sizes: Sizes;
  readonly #made = new Map<string, Promise<void>>();

  constructor(directory: string, sizes: Sizes) {
    this.#directory = directory;
    this.#sizes = sizes;
  }

  /** One file that does not compress and has no holes. */
  get file(): TarFolder {
    const path = `${this.#directory}/big`;
    return { path, archiveBytes: archiveBytes([this.#sizes.bigFileBytes], 1) };
  }

  /** Many small files in folders of a hundred. */
  get tree(): TarFolder {
    const path = `${this.#directory}/tree`;
    const files = smallFiles(this.#sizes.treeFiles);
    const folders = new Set(files.map(({ folder }) => folder)).size + 1;
    return { path, archiveBytes: archiveBytes(files.map(({ size }) => size), folders) };
  }

  makeFile(): Promise<void> {
    return this.#once("file", () => writeBigFile(this.file.path, this.#sizes.bigFileBytes));
  }

  makeTree(): Promise<void> {
    return this.#once("tree", () => writeTree(this.tree.path, this.#sizes.treeFiles));
  }

  #once(name: string, make: () => Promise<void>): Promise<void> {
    const made = this.#made.get(name) ?? make();
    this.#made.set(name, made);
    return made;
  }
}

function archiveBytes(fileSizes: readonly number[], folders: number): number {
  const blocks = fileSizes.reduce((sum, size) => sum + 1 + Math.ceil(size / BLOCK_BYTES), folders);
  return (blocks + 2) * BLOCK_BYTES;
}

async function writeBigFile(folder: string, bytes: number): Promise<void> {
  await Deno.mkdir(folder);
  using random = await Deno.open("/dev/urandom");
  using file = await Deno.create(`${folder}/big`);
  const buffer = new Uint8Array(1 << 20);
  for (let left = bytes; left > 0;) {
    const count = await random.read(buffer.subarray(0, Math.min(buffer.length, left)));
    for (let rest = buffer.subarray(0, count!); rest.length > 0;) {
      rest = rest.subarray(await file.write(rest));
    }
    left -= count!;
  }
  await file.sync(); // or the disk would be busy with it during later measurements
}

async function writeTree(path: string, count: number): Promise<void> {
  await Deno.mkdir(path);
  const content = new Uint8Array(MAX_SMALL_BYTES).map((_, index) => index * 7 % 251);
  for (const { folder, name, size } of smallFiles(count)) {
    await Deno.mkdir(`${path}/${folder}`, { recursive: true });
    await Deno.writeFile(`${path}/${folder}/${name}`, content.subarray(0, size));
  }
}

/** The same files each time: names, and sizes spread over 0 to 8 KiB. */
function smallFiles(count: number): { folder: string; name: string; size: number }[] {
  return Array.from({ length: count }, (_, index) => ({
    folder: `d${Math.floor(index / FILES_PER_FOLDER)}`,
    name: `f${index}`,
    size: index * 7919 % MAX_SMALL_BYTES,
  }));
}
