// Random layers, merged here and unpacked by umoci for comparison.

import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { ByteReader } from "../../src/archive/byte_reader.ts";
import { packTar } from "../../src/archive/pack_tar.ts";
import { readTar } from "../../src/archive/read_tar.ts";
import type { TarHeader } from "../../src/archive/tar_format.ts";
import { LayerTree } from "../../src/images/layer_tree.ts";
import { mergeLayers } from "../../src/images/merge_layers.ts";
import { needs } from "../support/tools.ts";
import { collect, rawTar, streamOf, tarLayer, tempDir, tool } from "./fixture.ts";
import { layoutFiles, makeImage, writeFiles } from "./oci_fixture.ts";

type RawEntry = Parameters<typeof rawTar>[number];

const RUNS = 60;

const name = fc.constantFrom("a", "b", "c");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const mode = fc.constantFrom(0o700, 0o755, 0o1777);

const present: fc.Arbitrary<RawEntry> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ name: path, data: fc.string({ maxLength: 3 }) }) },
  {
    weight: 3,
    arbitrary: fc.tuple(path, mode).map(([at, bits]) => ({
      name: `${at}/`,
      type: "5",
      mode: bits,
    })),
  },
  // With separate names: umoci loses the target of a link when the link's path replaces a parent of
  // it.
  fc.tuple(fc.constantFrom("l", "a/l", "b/c/l"), path)
    .map(([at, target]) => ({ name: at, type: "1", link: target })),
  // Never in loops, through which umoci fails to remove anything.
  fc.tuple(fc.constantFrom("a", "b", "a/b"), fc.constantFrom("/c", "c/a", "../c", "/nothing"))
    .map(([at, target]) => ({ name: at, type: "2", link: target })),
);

// Markers come first: umoci also lets a later marker remove names of its own layer.
const marker: fc.Arbitrary<RawEntry> = fc.oneof(
  path.map((at) => ({ name: at.replace(/[^/]+$/, ".wh.$&") })),
  path.map((at) => ({ name: `${at}/.wh..wh..opq` })),
);

const layer = fc.tuple(
  fc.array(marker, { maxLength: 2 }),
  fc.array(present, { minLength: 1, maxLength: 6 }),
);

/** The layers without invalid entries, such as links to nothing. */
async function possible(layers: readonly [RawEntry[], RawEntry[]][]): Promise<Uint8Array[]> {
  const tree = new LayerTree("apply");
  const tars: Uint8Array[] = [];
  for (const entries of layers) {
    tree.startLayer();
    const kept: RawEntry[] = [];
    for (const entry of entries.flat()) {
      try {
        tree.add(await headerOf(entry));
        kept.push(entry);
      } catch {
        // An unpacker would not accept it either.
      }
    }
    tars.push(rawTar(...kept));
  }
  return tars;
}

async function headerOf(entry: RawEntry): Promise<TarHeader> {
  const { value } = await readTar(new ByteReader(streamOf(rawTar(entry)))).next();
  return value!.header;
}

/** The names of a root and their contents; a hard link has that of its target. */
async function describe(tar: ReadableStream<Uint8Array>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { header, data } of readTar(new ByteReader(tar))) {
    const key = (text: string) => text.replace(/^\.\//, "").replace(/\/$/, "");
    if (header.type === "link") {
      found.set(key(header.name), found.get(key(header.linkName))!);
      continue;
    }
    const parts = await Array.fromAsync(data(), ({ bytes }) => new TextDecoder().decode(bytes));
    // The mode of a symlink has no meaning.
    const bits = header.type === "symlink" ? 0 : header.mode;
    found.set(key(header.name), `${header.type} ${bits.toString(8)} ${parts}${header.linkName}`);
  }
  found.delete(""); // the root itself has no entry in these layers
  return new Map([...found].sort());
}

async function unpackedByUmoci(tars: readonly Uint8Array[]): Promise<Map<string, string>> {
  using folder = tempDir();
  const image = makeImage({ tars, compression: "gzip" });
  const annotations = { "org.opencontainers.image.ref.name": "v1" };
  writeFiles(`${folder.path}/layout`, layoutFiles(image.blobs, { ...image.manifest, annotations }));
  const bundle = `${folder.path}/bundle`;
  await tool([
    ...["umoci", "unpack", "--image", `${folder.path}/layout:v1`],
    ...(Deno.uid() === 0 ? [] : ["--rootless"]),
    bundle,
  ]);
  return await describe(packTar(["."], { directory: `${bundle}/rootfs` }));
}

Deno.test({
  ...needs("mergeLayers() makes the root that umoci unpacks, for any layers", "umoci"),
  async fn() {
    const layers = fc.array(layer, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(layers, async (made) => {
        const tars = await possible(made);
        const merged = await collect(mergeLayers(tars.map((tar) => tarLayer(tar))));
        assert.deepEqual(await describe(streamOf(merged)), await unpackedByUmoci(tars));
      }),
      { numRuns: RUNS },
    );
  },
});
