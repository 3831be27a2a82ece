import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "npm:fast-check@4.10.2";
import { ArchiveError } from "../../src/archive/archive_error.ts";
import { gunzipStream, gzipStream } from "../../src/archive/gzip.ts";
import { collect, concat, cutAt, rechunk, tool } from "./fixture.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const gzip = (bytes: Uint8Array, chunkBytes = 1 << 16): Promise<Uint8Array> =>
  collect(rechunk(bytes, chunkBytes).pipeThrough(gzipStream()));
const gunzip = (bytes: Uint8Array, chunkBytes = 1 << 16): Promise<Uint8Array> =>
  collect(rechunk(bytes, chunkBytes).pipeThrough(gunzipStream()));
const member = (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes));

Deno.test("gzipStream() is read by gzip(1)", async () => {
  const bytes = concat(randomBytes(300_000), new Uint8Array(300_000));
  assert.deepEqual(await tool(["gzip", "-dc"], await gzip(bytes)), bytes);
});

Deno.test("gzipStream() gives the same bytes for any chunks, without a time", async () => {
  const bytes = concat(text("abc".repeat(100_000)), randomBytes(100_000), text("x".repeat(99_999)));
  const expected = await gzip(bytes, bytes.length);
  assert.deepEqual(expected.slice(0, 8), new Uint8Array([31, 139, 8, 0, 0, 0, 0, 0]));
  for (const chunkBytes of [1000, 65_535, 65_536, 65_537]) {
    assert.deepEqual(await gzip(bytes, chunkBytes), expected);
  }
});

Deno.test("gzipStream() of nothing is an empty member", async () => {
  assert.deepEqual(new Uint8Array(gunzipSync(await gzip(new Uint8Array()))), new Uint8Array());
});

Deno.test("gunzipStream() reads what gzip(1) writes", async () => {
  const bytes = concat(randomBytes(300_000), new Uint8Array(3_000_000));
  assert.deepEqual(await gunzip(await tool(["gzip", "-9"], bytes)), bytes);
});

Deno.test("gunzipStream() joins members, split at every byte", async () => {
  const joined = concat(member(text("first ")), member(new Uint8Array()), member(text("second")));
  for (let cut = 0; cut <= joined.length; cut++) {
    const output = await collect(cutAt(joined, cut).pipeThrough(gunzipStream()));
    assert.equal(new TextDecoder().decode(output), "first second", `cut at ${cut}`);
  }
  assert.deepEqual(await gunzip(joined, 1), text("first second"));
});

Deno.test("gunzipStream() drops zero padding of any length, split at every byte", async () => {
  const padded = concat(member(text("content")), new Uint8Array(70));
  for (let cut = 0; cut <= padded.length; cut++) {
    const output = await collect(cutAt(padded, cut).pipeThrough(gunzipStream()));
    assert.deepEqual(output, text("content"), `cut at ${cut}`);
  }
  const long = concat(member(text("content")), new Uint8Array(3_000_000));
  assert.deepEqual(await gunzip(long), text("content"));
});

Deno.test("gunzipStream() continues with a member after zeros, split at every byte", async () => {
  for (const zeros of [1, 7, 600]) {
    const padding = new Uint8Array(zeros);
    const padded = concat(member(text("first ")), padding, member(text("second")), padding);
    for (let cut = 0; cut <= padded.length; cut++) {
      const output = await collect(cutAt(padded, cut).pipeThrough(gunzipStream()));
      assert.equal(new TextDecoder().decode(output), "first second", `${zeros}, cut at ${cut}`);
    }
    assert.deepEqual(await gunzip(padded, 1), text("first second"));
  }
  const long = concat(member(randomBytes(200_000)), new Uint8Array(300_000), member(text("end")));
  assert.equal((await gunzip(long)).length, 200_003);
});

Deno.test("gunzipStream() refuses anything but a whole member after zeros", async () => {
  const padded = concat(member(text("first")), new Uint8Array(600));
  const second = member(text("second"));
  for (const chunkBytes of [1, 512, 1 << 16]) {
    await assert.rejects(
      gunzip(concat(padded, text("garbage")), chunkBytes),
      /^ArchiveError: cannot gunzip: the data must be in gzip form: /,
    );
    for (let length = 1; length < second.length; length++) {
      await assert.rejects(
        gunzip(concat(padded, second.slice(0, length)), chunkBytes),
        /^ArchiveError: cannot gunzip: the data must be whole: /,
        `${length} bytes`,
      );
    }
  }
});

Deno.test("gunzipStream() refuses every input that is cut short", async () => {
  const whole = concat(member(text("first")), member(text("second")));
  const firstEnd = member(text("first")).length;
  for (let length = 0; length < whole.length; length++) {
    if (length === firstEnd) continue;
    await assert.rejects(
      gunzip(whole.slice(0, length)),
      /^ArchiveError: cannot gunzip: the data must be whole: /,
      `${length} bytes`,
    );
  }
});

Deno.test("gunzipStream() refuses garbage before and after, and a wrong checksum", async () => {
  const good = member(text("content"));
  const wrongSum = good.slice();
  wrongSum[good.length - 6]! ^= 1;
  for (const bad of [text("not gzip"), concat(good, text("garbage")), wrongSum]) {
    for (const chunkBytes of [1, 1 << 16]) {
      await assert.rejects(
        gunzip(bad, chunkBytes),
        /^ArchiveError: cannot gunzip: the data must be in gzip form: /,
      );
    }
  }
});

for (const [name, make] of [["gzipStream", gzipStream], ["gunzipStream", gunzipStream]] as const) {
  Deno.test(`${name}() passes on the failure of its writer`, async () => {
    const failure = new Error("the stage before it failed");
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(failure),
    });
    await assert.rejects(collect(broken.pipeThrough(make())), (error) => error === failure);
  });

  Deno.test(`${name}() stops its writer when its reader cancels`, async () => {
    const bytes = name === "gzipStream" ? randomBytes(1 << 16) : member(randomBytes(1 << 16));
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(bytes)),
    });
    const { readable, writable } = make();
    const gone = new Error("gone");
    const writing = assert.rejects(endless.pipeTo(writable), (error) => error === gone);
    const reader = readable.getReader();
    await reader.read();
    await reader.cancel(gone);
    await writing;
  });

  Deno.test(`${name}() reads little more than it has written`, async () => {
    const bytes = name === "gzipStream" ? randomBytes(1 << 16) : member(randomBytes(1 << 16));
    let taken = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        taken++;
        controller.enqueue(new Uint8Array(bytes));
      },
    }, { highWaterMark: 0 });
    const reader = endless.pipeThrough(make()).getReader();
    await reader.read();
    for (let turns = 0; turns < 300; turns++) await Deno.stat("/");
    assert.ok(taken < 20, `${taken} chunks of 64 KiB for one`);
    await reader.cancel();
  });
}

Deno.test("gunzipStream() fails at the writing end too", async () => {
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(text("garbage")),
  });
  const { readable, writable } = gunzipStream();
  const writing = assert.rejects(endless.pipeTo(writable), ArchiveError);
  await assert.rejects(collect(readable), ArchiveError);
  await writing;
});

Deno.test("gunzipStream() reads padding to its end", async () => {
  const { readable, writable } = gunzipStream();
  const padded = concat(member(text("content")), new Uint8Array(3_000_000));
  const writing = rechunk(padded, 1000).pipeTo(writable);
  assert.deepEqual(await collect(readable), text("content"));
  await writing;
});

Deno.test("gunzipStream() does not change a chunk after handing it out", async () => {
  const bytes = randomBytes(1_000_000);
  const kept: Uint8Array[] = [];
  for await (const chunk of rechunk(member(bytes), 10_000).pipeThrough(gunzipStream())) {
    kept.push(chunk.slice());
    // A transferred buffer is detached: any remaining view of it would be empty.
    structuredClone(chunk.buffer, { transfer: [chunk.buffer as ArrayBuffer] });
  }
  assert.deepEqual(concat(...kept), new Uint8Array(bytes));
});

Deno.test("gunzipStream() undoes gzipStream() for any bytes in any chunks", async () => {
  const size = fc.integer({ min: 1, max: 5000 });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), size, size, async (bytes, a, b) => {
      assert.deepEqual(await gunzip(await gzip(bytes, a), b), bytes);
    }),
    { numRuns: 100 },
  );
});
