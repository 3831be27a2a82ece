import assert from "node:assert/strict";
import { toWriter } from "../../../src/io/edges.ts";
import { openForWriting } from "../../../src/libc/fd.ts";
import { findLibc } from "../../../src/libc/libc.ts";
import { reactorIdle } from "../../../src/libc/reactor.ts";
import { RelayedStderr } from "../../../src/runners/contract/relayed_stderr.ts";
import { eventually } from "../../support/eventually.ts";

/** Returns a relay, a function that writes to it as a tool does, and what it has passed on. */
function relay() {
  const seen = { text: "" };
  const output = new WritableStream<Uint8Array>({
    write: (chunk) => void (seen.text += new TextDecoder().decode(chunk)),
  });
  const stderr = new RelayedStderr(output, /^tool: /m);
  const writer = toWriter(stderr.end, Deno.stderr);
  const say = (text: string) => writer.write(new TextEncoder().encode(text));
  const end = async (held: "show" | "drop") => {
    await writer.close();
    await stderr.finish();
    await stderr.close(held);
    await reactorIdle();
  };
  return { seen, stderr, say, end };
}

Deno.test("a command's stderr is passed on, and its end is kept", async () => {
  const { seen, stderr, say, end } = relay();
  await say("one\ntwo\n");
  await eventually(() => seen.text, (text) => text === "one\ntwo\n", 5000);
  await end("drop");
  assert.deepEqual([seen.text, stderr.tail], ["one\ntwo\n", "one\ntwo\n"]);
});

for (const held of ["show", "drop"] as const) {
  Deno.test(`the tool's last message is kept, and ${held} decides whether it is shown`, async () => {
    const { seen, stderr, say, end } = relay();
    await say("a command\ntool: it failed\nfor good\n");
    await end(held);
    const words = "tool: it failed\nfor good\n";
    assert.equal(seen.text, held === "show" ? `a command\n${words}` : "a command\n");
    assert.equal(stderr.tail, `a command\n${words}`);
  });
}

Deno.test("what only looks like the tool's message is passed on while the command goes on", async () => {
  const { seen, say, end } = relay();
  await say("tool: said a command\n");
  await eventually(() => seen.text, (text) => text === "tool: said a command\n", 5000);
  await say("and more\n");
  await end("drop");
  assert.equal(seen.text, "tool: said a command\nand more\n");
});

Deno.test("what only looks like the tool's message does not hold back the flood after it", async () => {
  const sent = new Uint8Array(4 << 20).map((_, index) => index % 251);
  sent.set(new TextEncoder().encode("tool: said a command\n"));
  const seen: Uint8Array<ArrayBuffer>[] = [];
  let count = 0;
  const output = new WritableStream<Uint8Array<ArrayBuffer>>({
    write(chunk) {
      seen.push(chunk);
      count += chunk.length;
    },
  });
  const stderr = new RelayedStderr(output as WritableStream<Uint8Array>, /^tool: /m);
  const writer = toWriter(stderr.end, Deno.stderr);
  for (let start = 0; start < sent.length; start += 64 << 10) {
    await writer.write(sent.subarray(start, start + (64 << 10)));
  }
  assert.ok(count > sent.length / 2, `${count} bytes have come through`); // the rest is in the pipe
  await eventually(() => count, (count) => count === sent.length, 5000);
  assert.deepEqual(await new Blob(seen).bytes(), sent);
  await writer.close();
  await stderr.finish();
  await stderr.close("drop");
  await reactorIdle();
});

for (const unread of ["fail", "take"] as const) {
  Deno.test({
    name: `stderr on a full disk does not end the tool, and its end is kept (${unread})`,
    ignore: findLibc() === undefined,
    async fn() {
      const stderr = new RelayedStderr(openForWriting("/dev/full"), /^tool: /m, unread);
      const writer = toWriter(stderr.end, Deno.stderr);
      const many = new Uint8Array(3 << 20).fill(65);
      assert.equal(await writer.write(many), true);
      assert.equal(await writer.write(new TextEncoder().encode("\ntool: the end\n")), true);
      await writer.close();
      await stderr.finish();
      await stderr.close("show");
      assert.match(stderr.tail, /A\ntool: the end\n$/);
      await reactorIdle();
    },
  });
}

Deno.test("a tool can go on writing once the output is dropped because its reader does not read", async () => {
  const full = Promise.withResolvers<void>();
  const stuck = Promise.withResolvers<void>();
  const output = new WritableStream<Uint8Array>({
    write() {
      full.resolve();
      return stuck.promise;
    },
  });
  const stderr = new RelayedStderr(output, /^tool: /m);
  const writer = toWriter(stderr.end, Deno.stderr);
  const written = writer.write(new Uint8Array(3 << 20).fill(65));
  await full.promise;
  stderr.drop();
  assert.equal(await written, true);
  await writer.write(new TextEncoder().encode("\ntool: the end\n"));
  await writer.close();
  await stderr.finish();
  await stderr.close("show");
  assert.match(stderr.tail, /A\ntool: the end\n$/);
  stuck.resolve();
  await reactorIdle();
});
