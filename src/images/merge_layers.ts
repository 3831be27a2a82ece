// Merges layers into one tar of the root that they make, without unpacking them.
//
// Each layer is read twice: first for the names, to know which entries remain in the end, then for
// the content of those.

import { ByteReader } from "../archive/byte_reader.ts";
import { TAR_LIMITS, type TarLimits } from "../archive/limits.ts";
import { pullStream } from "../archive/pull_stream.ts";
import { readTar, type TarEntry } from "../archive/read_tar.ts";
import type { TarHeader } from "../archive/tar_format.ts";
import { TarWriter } from "../archive/tar_writer.ts";
import { messageOf } from "../model/errors.ts";
import { LayerTree, type MarkerRule } from "./layer_tree.ts";
import { MergedNames } from "./merged_names.ts";
import { RecordFile } from "./record_file.ts";

/** A tar that can be read several times. */
export interface Layer {
  /** Its name in errors. */
  readonly name: string;
  /**
   * Opens its bytes, decompressed, and checked if there is a digest; the caller owns the stream.
   */
  open(): Promise<ReadableStream<Uint8Array>>;
}

/** Options of {@linkcode mergeLayers}. */
export interface MergeOptions {
  /**
   * Whether names such as `.wh.etc` remove names of lower layers, or are ordinary names.
   *
   * @default "apply"
   */
  readonly markers?: MarkerRule;
  /** Limits on the memory for the names of all layers. @default TAR_LIMITS */
  readonly limits?: Pick<TarLimits, "heldBytes">;
}

/**
 * Merges layers into a plain tar of their root: first folders and all else without content, sorted
 * by name, then files and entries with several names in the order of the layers. Parents come
 * before children, link targets before their links. The same layers give the same bytes.
 *
 * Nothing is opened before the first read, then one layer at a time; cancelling closes it. There is
 * no content before all layers have been read once. Memory grows with the number of names.
 *
 * @param layers the lowest first
 * @throws {Error} from the stream if a layer cannot be read, is malformed, or has an entry that
 * cannot be in a root; the message names the layer.
 */
export function mergeLayers(
  layers: readonly Layer[],
  options: MergeOptions = {},
): ReadableStream<Uint8Array> {
  return pullStream(rootChunks(layers, options));
}

async function* rootChunks(
  layers: readonly Layer[],
  { markers = "apply", limits = TAR_LIMITS }: MergeOptions,
): AsyncGenerator<Uint8Array> {
  using records = new RecordFile();
  const names = new MergedNames(records);
  const ends = await readNames(layers, { markers, limits }, names);
  const writer = new TarWriter();
  for (const [path, header] of names.plain()) {
    yield* writer.entry({ ...header, name: entryName(path, header) });
  }
  const wanted = names.inPlace();
  let next = wanted.next();
  for (const [index, layer] of layers.entries()) {
    if (next.done || next.value.entry > ends[index]!) continue;
    let entry = ends[index - 1] ?? 0;
    for await (const { header, data } of entriesOf(layer)) {
      if (next.done || ++entry !== next.value.entry) continue;
      const linkName = next.value.path;
      yield* writer.entry({ ...header, name: entryName(linkName, header) }, data());
      // Its further names are links to the first.
      for (next = wanted.next(); next.value?.entry === entry; next = wanted.next()) {
        yield* writer.entry(linkHeader(header, next.value.path, linkName));
      }
    }
  }
  yield* writer.end();
}

/**
 * Reads all layers once, for the names.
 *
 * @returns the number of each layer's last entry, counted over all layers
 */
async function readNames(
  layers: readonly Layer[],
  { markers, limits }: Required<MergeOptions>,
  names: MergedNames,
): Promise<number[]> {
  using tree = new LayerTree(markers, limits);
  const ends: number[] = [];
  for (const layer of layers) {
    tree.startLayer();
    let last = ends.at(-1) ?? 0;
    for await (const { header } of entriesOf(layer)) within(layer, () => last = tree.add(header));
    ends.push(last);
  }
  tree.writeTo(names);
  return ends;
}

function linkHeader(
  { xattrs: _, ...header }: TarHeader,
  name: string,
  linkName: string,
): TarHeader {
  return { ...header, type: "link", name, linkName, size: 0 };
}

/** The name to write: a folder ends with a slash; the root is "./". */
function entryName(path: string, { type }: TarHeader): string {
  if (path === "") return "./";
  return type === "directory" ? `${path}/` : path;
}

/** The entries of a layer; its stream is closed however this ends. */
async function* entriesOf(layer: Layer): AsyncGenerator<TarEntry> {
  const bytes = new ByteReader(await layer.open().catch((error) => refuse(layer, error)));
  try {
    const entries = readTar(bytes, { mayBeEmpty: true });
    while (true) {
      const { done, value } = await entries.next().catch((error) => refuse(layer, error));
      if (done) return;
      yield value;
    }
  } finally {
    await bytes.cancel(); // does nothing at the end
  }
}

function within(layer: Layer, act: () => void): void {
  try {
    act();
  } catch (error) {
    refuse(layer, error);
  }
}

function refuse(layer: Layer, error: unknown): never {
  throw new Error(`cannot read ${layer.name}: ${messageOf(error)}`, { cause: error });
}
