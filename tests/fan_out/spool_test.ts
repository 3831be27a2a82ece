import assert from "node:assert/strict";
import { concatenate } from "../../src/blocks/output.ts";
import { Spool } from "../../src/fan_out/spool.ts";
import { SpoolFolder } from "../../src/fan_out/spool_file.ts";
import { eventually } from "../support/eventually.ts";
import { tempDir } from "../support/temp_dir.ts";

const KIB = 1 << 10;
const MIB = 1 << 20;

/**
 * Writes chunks to a spool; resolves when it has taken all. Calls `taken` with their number so far.
 */
function feed(
  spool: Spool,
  chunks: readonly Uint8Array[],
  taken: (count: number) => void = () => {},
): Promise<void> {
  let next = 0;
  const readable = new ReadableStream<Uint8Array>({
    pull(controller) {
      taken(next);
      if (next < chunks.length) controller.enqueue(chunks[next++]!);
      else controller.close();
    },
  }, { highWaterMark: 0 });
  return spool.sink().consume(readable, new AbortController().signal);
}

async function readAll(spool: Spool): Promise<Uint8Array> {
  return concatenate(await Array.fromAsync(spool.read()));
}

function chunksOf(...sizes: readonly number[]): Uint8Array[] {
  return sizes.map((size, index) => new Uint8Array(size).fill(index + 1));
}

/** Runs `body` with a new folder for temporary files, and a function that lists their names. */
async function withFolder(
  body: (folder: SpoolFolder, files: () => string[]) => Promise<void>,
): Promise<void> {
  using temporary = tempDir();
  const before = Deno.env.get("TMPDIR");
  Deno.env.set("TMPDIR", temporary.path);
  const names = (path: string): string[] => [...Deno.readDirSync(path)].map(({ name }) => name);
  try {
    {
      await using folder = new SpoolFolder();
      await body(
        folder,
        () => names(temporary.path).flatMap((name) => names(`${temporary.path}/${name}`)),
      );
    }
    assert.deepEqual(names(temporary.path), []);
  } finally {
    if (before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", before);
  }
}

for (const sizes of [[], [1], [32 * KIB], [KIB, 32 * KIB], [MIB, 1, MIB, 40 * KIB]]) {
  Deno.test(`a spool returns chunks of ${sizes} bytes unchanged, read during or after writing`, () =>
    withFolder(async (folder) => {
      const chunks = chunksOf(...sizes);
      const after = new Spool(folder, false);
      await feed(after, chunks);
      after.end();
      assert.deepEqual(await readAll(after), concatenate(chunks));
      const before = new Spool(folder, false);
      const read = readAll(before);
      await feed(before, chunks);
      before.end();
      assert.deepEqual(await read, concatenate(chunks));
    }));
}

Deno.test("a small output waits in memory, a larger one in a file that is removed once read", () =>
  withFolder(async (folder, files) => {
    const [little, more] = [new Spool(folder, false), new Spool(folder, false)];
    await feed(little, chunksOf(32 * KIB));
    little.end();
    assert.deepEqual(files(), []);
    await feed(more, chunksOf(32 * KIB, 1));
    more.end();
    assert.equal(files().length, 1);
    await readAll(more);
    assert.deepEqual(files(), []);
  }));

Deno.test("the writer of more than 16 MiB waits until the output's turn to be read", () =>
  withFolder(async (folder) => {
    const spool = new Spool(folder, false);
    const chunks = chunksOf(...Array(20).fill(MIB));
    let taken = 0;
    const fed = feed(spool, chunks, (count) => taken = count);
    await eventually(() => taken, (count) => count >= 16, 20_000);
    await new Promise((resolve) => setTimeout(resolve, 50)); // time to accept more, which it must not
    assert.equal(taken, 16); // the next one is being written
    const read = readAll(spool);
    await fed;
    spool.end();
    assert.deepEqual(await read, concatenate(chunks));
  }));

Deno.test("if a retry is possible the whole output is held, and that of failed attempts is dropped", () =>
  withFolder(async (folder, files) => {
    const spool = new Spool(folder, true);
    const read = readAll(spool);
    await feed(spool, chunksOf(...Array(17).fill(MIB)));
    assert.equal(files().length, 1);
    await spool.restart();
    assert.deepEqual(files(), []);
    await feed(spool, chunksOf(3));
    spool.end();
    assert.deepEqual(await read, concatenate(chunksOf(3)));
  }));

Deno.test("a dropped spool blocks no writer", () =>
  withFolder(async (folder) => {
    for (const turn of [false, true]) {
      const spool = new Spool(folder, false);
      const reading = turn ? spool.read() : undefined;
      const first = reading?.next();
      let taken = 0;
      const fed = feed(spool, chunksOf(...Array(20).fill(MIB)), (count) => taken = count);
      await first;
      await eventually(() => taken, (count) => count >= (turn ? 1 : 16), 20_000);
      spool.drop();
      await fed;
      spool.end();
    }
  }));
