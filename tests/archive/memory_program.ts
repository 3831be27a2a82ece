/** The process that `memory_test.ts` measures; reports JSON on stdout. */
import { packTar } from "../../src/archive/pack_tar.ts";
import { tarToCpio } from "../../src/archive/tar_to_cpio.ts";
import { encodePax } from "../../src/archive/pax_records.ts";
import { unpackTar } from "../../src/archive/unpack_tar.ts";
import { mergeLayers } from "../../src/images/merge_layers.ts";
import { concat, rawEntry } from "./fixture.ts";

const [job, path = "", output = ""] = Deno.args;
let bytes = 0;

if (job === "pack") await count(packTar([path]));
if (job === "head") {
  const reader = packTar([path]).getReader();
  Deno.writeFileSync(output, (await reader.read()).value!);
  await reader.cancel();
}
if (job === "unpack") await unpackTar(bigTar(2 ** 30), path);
if (job === "cpio") await count(bigTar(3 * 2 ** 30).pipeThrough(tarToCpio()));
if (job === "names-to-cpio") await count(manyNames().pipeThrough(tarToCpio()));
if (job === "attributes-of-layer") {
  const open = () => Promise.resolve(largeAttributes());
  await count(mergeLayers([{ name: "layer", open }]));
}
if (job === "names-of-layer") {
  await count(mergeLayers([{ name: "layer", open: () => Promise.resolve(manyNames()) }]));
}

const status = Deno.readTextFileSync("/proc/self/status");
const peakKib = Number(/VmHWM:\s*(\d+)/.exec(status)![1]);
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify({ bytes, peakKib })));

async function count(stream: ReadableStream<Uint8Array>): Promise<void> {
  for await (const chunk of stream) bytes += chunk.length;
}

/** A tar with one file of `size` zero bytes, made as it is read. */
function bigTar(size: number): ReadableStream<Uint8Array> {
  function* chunks(): Generator<Uint8Array> {
    yield rawEntry({ name: "f", size });
    // The same chunk again and again, so that the source leaves no garbage.
    const zeros = new Uint8Array(1 << 20);
    for (let left = size; left > 0; left -= zeros.length) yield zeros;
    yield new Uint8Array(1024);
  }
  return ReadableStream.from(chunks());
}

/** A tar with 1,500 empty files, each with an extended attribute of 60 kB. */
function largeAttributes(): ReadableStream<Uint8Array> {
  function* chunks(): Generator<Uint8Array> {
    const value = new Uint8Array(60_000).fill(0x61);
    const data = encodePax([["SCHILY.xattr.user.large", value]]);
    const attribute = rawEntry({ name: "pax", type: "x", data });
    for (let index = 0; index < 1500; index++) {
      yield attribute;
      yield rawEntry({ name: `f${index}` });
    }
    yield new Uint8Array(1024);
  }
  return ReadableStream.from(chunks());
}

/**
 * A tar with 200,000 empty files in 4,000 folders, read from a file, so that memory does not hold
 * it.
 */
function manyNames(): ReadableStream<Uint8Array> {
  const tar = `${path}/names.tar`;
  using file = Deno.openSync(tar, { create: true, write: true });
  for (let folder = 0; folder < 4000; folder++) {
    const entries = Array.from(
      { length: 50 },
      (_, index) => rawEntry({ name: `usr/lib/d${folder}/file-name-${index}.txt` }),
    );
    file.writeSync(concat(...entries));
  }
  return Deno.openSync(tar).readable;
}
