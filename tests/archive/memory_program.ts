/** What `memory_test.ts` measures, as a process of its own; reports JSON on stdout. */
import { packTar } from "../../src/archive/pack_tar.ts";
import { tarToCpio } from "../../src/archive/tar_to_cpio.ts";
import { unpackTar } from "../../src/archive/unpack_tar.ts";
import { rawEntry } from "./fixture.ts";

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
    // One chunk over and over, so that what the garbage collector leaves is not the source's.
    const zeros = new Uint8Array(1 << 20);
    for (let left = size; left > 0; left -= zeros.length) yield zeros;
    yield new Uint8Array(1024);
  }
  return ReadableStream.from(chunks());
}
