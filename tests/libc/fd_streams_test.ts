import assert from "node:assert/strict";
import { openPipe } from "../../src/libc/fd.ts";
import { readableFrom, readableUntil, writeChunk } from "../../src/libc/fd_streams.ts";
import { reactorIdle, waitFor } from "../../src/libc/reactor.ts";

const POLLIN = 1;

Deno.test("bytes written to a pipe are read from it, whatever the chunks", async () => {
  const { read, write } = openPipe();
  write.setNonblocking();
  const sent = Uint8Array.from({ length: 3_000_000 }, (_, index) => index * 7);
  const sending = writeChunk(write, sent).then((taken) => (write.close(), taken));
  const received = new Uint8Array(await new Response(readableFrom(read)).arrayBuffer());
  assert.equal(await sending, true);
  assert.deepEqual(received, sent);
  await reactorIdle();
});

Deno.test("a write to a pipe without a reader returns false", async () => {
  const { read, write } = openPipe();
  write.setNonblocking();
  const sending = writeChunk(write, new Uint8Array(4 << 20));
  read.close();
  assert.equal(await sending, false);
  write.close();
  await reactorIdle();
});

Deno.test("a reader that is cancelled while it waits closes the pipe", async () => {
  const { read, write } = openPipe();
  const reader = readableFrom(read).getReader();
  const waiting = reader.read();
  await reader.cancel();
  assert.equal((await waiting).done, true);
  assert.equal(read.isOpen, false);
  write.close();
  await reactorIdle();
});

Deno.test("a writer learns at once that its readers are gone", async () => {
  const { read, write } = openPipe();
  using gone = waitFor(write, 0);
  read.close();
  await gone.ready;
  write.close();
  await reactorIdle();
});

Deno.test("readableUntil() yields the bytes in the pipe and ends once `ended` resolves", async () => {
  const { read, write } = openPipe();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const reading = new Response(readableUntil(read, ended)).text();
  await writeChunk(write, new TextEncoder().encode("before"));
  end();
  assert.equal(await reading, "before");
  write.close(); // it was open all the time
  await reactorIdle();
});

Deno.test("hundreds of waiters may wait at once", async () => {
  const pipes = Array.from({ length: 300 }, openPipe);
  const waiters = pipes.map(({ read }) => waitFor(read, POLLIN));
  for (const { write } of pipes) await writeChunk(write, Uint8Array.of(1));
  await Promise.all(waiters.map(({ ready }) => ready));
  for (const { read, write } of pipes) [read, write].forEach((end) => end.close());
  await reactorIdle();
});

Deno.test("a closed descriptor cannot be used", () => {
  const { read, write } = openPipe();
  read.close();
  read.close();
  assert.throws(() => read.number, { name: "SystemError", code: "EBADF" });
  write.close();
});
