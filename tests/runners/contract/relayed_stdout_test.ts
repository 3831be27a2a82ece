import assert from "node:assert/strict";
import { openEdge, readAll, toReadable, toWriter } from "../../../src/io/edges.ts";
import { openForWriting } from "../../../src/libc/fd.ts";
import { findLibc } from "../../../src/libc/libc.ts";
import { reactorIdle } from "../../../src/libc/reactor.ts";
import { RelayedStdout } from "../../../src/runners/contract/relayed_stdout.ts";

const MANY = new Uint8Array(3 << 20).fill(7);

/** Returns a relay, the read end of its output, and a writer to it for the tool. */
function relay() {
  const { read, write } = openEdge();
  const gone = Promise.withResolvers<void>();
  const stdout = new RelayedStdout(write, gone.resolve);
  return { stdout, read, gone: gone.promise, writer: toWriter(stdout.end, Deno.stdout) };
}

Deno.test("everything that a tool writes is passed on, then EOF", async () => {
  const { stdout, read, writer } = relay();
  const seen = new Response(toReadable(read) as ReadableStream<Uint8Array<ArrayBuffer>>).bytes();
  assert.equal(await writer.write(MANY), true);
  await writer.close();
  await stdout.finish();
  assert.deepEqual(await seen, MANY);
  await reactorIdle();
});

Deno.test("a tool can go on writing without a reader", async () => {
  const { stdout, read, gone, writer } = relay();
  const reader = toReadable(read).getReader();
  await writer.write(Uint8Array.of(1));
  await reader.read();
  await reader.cancel();
  assert.equal(await writer.write(MANY), true);
  await gone;
  await writer.close();
  await stdout.finish();
  assert.equal(stdout.failure, undefined);
  await reactorIdle();
});

Deno.test("the loss of the reader is reported without a byte being written", async () => {
  const { stdout, read, gone, writer } = relay();
  await toReadable(read).cancel();
  await gone;
  await writer.close();
  await stdout.finish();
  await reactorIdle();
});

Deno.test("output for a reader that does not read can be dropped", async () => {
  const { stdout, read, writer } = relay();
  const written = writer.write(MANY).then(() => writer.close());
  stdout.drop();
  await written;
  await stdout.finish();
  await readAll(read);
  await reactorIdle();
});

Deno.test("output for a sink that never takes it can be dropped", async () => {
  const stuck = Promise.withResolvers<void>();
  const stdout = new RelayedStdout(new WritableStream({ write: () => stuck.promise }), () => {});
  const writer = toWriter(stdout.end, Deno.stdout);
  await writer.write(Uint8Array.of(1));
  await writer.close();
  stdout.drop();
  await stdout.finish();
  stuck.resolve();
  await reactorIdle();
});

Deno.test("a tool can go on writing once the output is dropped because its sink takes nothing", async () => {
  const full = Promise.withResolvers<void>();
  const stuck = Promise.withResolvers<void>();
  const sink = new WritableStream({
    write() {
      full.resolve();
      return stuck.promise;
    },
  });
  const stdout = new RelayedStdout(sink, () => {});
  const writer = toWriter(stdout.end, Deno.stdout);
  const written = writer.write(MANY);
  await full.promise;
  stdout.drop();
  assert.equal(await written, true);
  await writer.close();
  await stdout.finish();
  stuck.resolve();
  await reactorIdle();
});

Deno.test("dropWhenStuck() drops the output for a sink that takes nothing, also if a write is blocked already", async () => {
  for (const isStuckBefore of [true, false]) {
    const full = Promise.withResolvers<void>();
    const stuck = Promise.withResolvers<void>();
    const sink = new WritableStream({
      write() {
        full.resolve();
        return stuck.promise;
      },
    });
    const stdout = new RelayedStdout(sink, () => {});
    const writer = toWriter(stdout.end, Deno.stdout);
    if (!isStuckBefore) stdout.dropWhenStuck(20);
    const written = writer.write(MANY);
    await full.promise;
    if (isStuckBefore) stdout.dropWhenStuck(20);
    assert.equal(await written, true);
    await writer.close();
    await stdout.finish();
    stuck.resolve();
    await reactorIdle();
  }
});

Deno.test("a reader that reads loses nothing by dropWhenStuck()", async () => {
  const { stdout, read, writer } = relay();
  stdout.dropWhenStuck(60_000);
  const all = new Response(toReadable(read) as ReadableStream<Uint8Array<ArrayBuffer>>).bytes();
  assert.equal(await writer.write(MANY), true);
  await writer.close();
  await stdout.finish();
  assert.deepEqual(await all, MANY);
  await reactorIdle();
});

Deno.test({
  name: "a full disk is reported, and the tool can go on",
  ignore: findLibc() === undefined,
  async fn() {
    const stdout = new RelayedStdout(openForWriting("/dev/full"), () => {});
    const writer = toWriter(stdout.end, Deno.stdout);
    assert.equal(await writer.write(MANY), true);
    await writer.close();
    await stdout.finish();
    assert.match(stdout.failure!, /No space left on device/);
    await reactorIdle();
  },
});
