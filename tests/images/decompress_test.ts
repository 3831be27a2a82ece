import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { compressionOf, decompressed } from "../../src/images/decompress.ts";
import { needs } from "../support/tools.ts";
import { collect, concat, rechunk, streamOf, tool } from "./fixture.ts";

const TEXT = new TextEncoder().encode("some text, again and again; ".repeat(10_000));

/** Two members or frames, one after the other. */
async function twice(program: string): Promise<Uint8Array> {
  const [left, right] = [TEXT.subarray(0, 1000), TEXT.subarray(1000)];
  return concat(await tool([program, "-c"], left), await tool([program, "-c"], right));
}

Deno.test({
  ...needs(
    "decompressed() joins all frames, however they are split into chunks",
    "xz",
    "zstd",
    "gzip",
  ),
  async fn() {
    for (const program of ["gzip", "xz", "zstd"]) {
      const bytes = await twice(program);
      for (const chunkBytes of [1, 7, bytes.length]) {
        const plain = await collect(decompressed(rechunk(bytes, chunkBytes)));
        assert.deepEqual(plain, TEXT, `${program} in chunks of ${chunkBytes}`);
      }
    }
  },
});

Deno.test({
  ...needs("decompressed() recognizes a skippable zstd frame", "zstd"),
  async fn() {
    const skipped = new Uint8Array([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2]);
    const bytes = concat(skipped, await tool(["zstd", "-c"], TEXT));
    assert.deepEqual(await collect(decompressed(streamOf(bytes))), TEXT);
  },
});

Deno.test("decompressed() passes uncompressed data through", async () => {
  for (const bytes of [TEXT, new Uint8Array(), new Uint8Array([0x1f])]) {
    assert.deepEqual(await collect(decompressed(streamOf(bytes))), bytes);
  }
});

Deno.test({
  ...needs("decompressed() fails for truncated or damaged data", "xz", "zstd"),
  async fn() {
    const rows: [Uint8Array, RegExp][] = [
      [gzipSync(TEXT), /cannot gunzip/],
      [await tool(["xz", "-c"], TEXT), /^xz exited with code 1:\n/],
      [await tool(["zstd", "-c"], TEXT), /^zstd exited with code 1:\n/],
    ];
    for (const [bytes, message] of rows) {
      await assert.rejects(collect(decompressed(streamOf(bytes.subarray(0, -6)))), { message });
      const damaged = bytes.slice();
      damaged[bytes.length >> 1]! ^= 0xff;
      await assert.rejects(collect(decompressed(streamOf(damaged))), { message });
    }
  },
});

Deno.test("decompressed() tells what to install", async () => {
  const path = Deno.env.get("PATH")!;
  const rows: [number[], string][] = [
    [[0x28, 0xb5, 0x2f, 0xfd, 0, 0], "there is no program zstd: apt-get install zstd"],
    [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "there is no program xz: apt-get install xz-utils"],
  ];
  Deno.env.set("PATH", "/nowhere");
  try {
    for (const [magic, message] of rows) {
      const bytes = streamOf(new Uint8Array(magic));
      await assert.rejects(collect(decompressed(bytes)), { message });
    }
  } finally {
    Deno.env.set("PATH", path);
  }
});

Deno.test("decompressed() cancels its source, read or not", async () => {
  for (const start of [[0x1f, 0x8b], [0x28, 0xb5, 0x2f, 0xfd], [0]]) {
    for (const reads of [0, 1]) {
      const cancelled = Promise.withResolvers<unknown>();
      const source = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new Uint8Array([...start, 0, 0, 0, 0, 0])),
        cancel: (reason) => cancelled.resolve(reason),
      });
      const reader = decompressed(source).getReader();
      const reading = reads === 0 ? undefined : reader.read().catch(() => {});
      await reader.cancel("enough");
      assert.equal(await cancelled.promise, "enough");
      await reading;
    }
  }
});

Deno.test("compressionOf() detects the format by the first bytes", () => {
  assert.equal(compressionOf(gzipSync("x")), "gzip");
  assert.equal(compressionOf(new Uint8Array()), "none");
});
