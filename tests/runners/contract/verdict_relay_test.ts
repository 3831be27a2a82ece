import assert from "node:assert/strict";
import { openEdge, toReadable, toWriter } from "../../../src/io/edges.ts";
import { openForWriting } from "../../../src/libc/fd.ts";
import { findLibc } from "../../../src/libc/libc.ts";
import { saidMark } from "../../../src/runners/contract/said_mark.ts";
import { hearVerdict, saidVerdict } from "../../../src/runners/remote/verdict.ts";
import { VerdictRelay } from "../../../src/runners/contract/verdict_relay.ts";

const TOKEN = "0123-token";

/** Returns what is passed on of these chunks. */
async function relayed(...chunks: readonly string[]): Promise<string> {
  const { read, write } = openEdge();
  const relay = new VerdictRelay(write, TOKEN);
  const text = new Response(toReadable(read) as ReadableStream<Uint8Array<ArrayBuffer>>).text();
  const writer = toWriter(relay.end, Deno.stderr);
  for (const chunk of chunks) await writer.write(new TextEncoder().encode(chunk));
  await writer.close();
  await relay.done;
  return await text;
}

Deno.test("everything except the verdict is passed on, wherever the chunks are cut", async () => {
  const [before, after] = ["said\x1e, 日本", "later\n"];
  const verdict = saidVerdict({ code: 125 }, TOKEN);
  const whole = `${before}${verdict}${after}`;
  for (let cut = 0; cut <= whole.length; cut++) {
    assert.equal(await relayed(whole.slice(0, cut), whole.slice(cut)), `${before}${after}`);
  }
});

Deno.test("the last marked line is kept, wherever the chunks are cut", async () => {
  const whole = `a${saidMark(TOKEN)}1\nb\n${saidMark(TOKEN)}12\nc`;
  for (let cut = 0; cut <= whole.length; cut++) {
    const { read, write } = openEdge();
    const relay = new VerdictRelay(write, TOKEN);
    const text = new Response(toReadable(read) as ReadableStream<Uint8Array<ArrayBuffer>>).text();
    const writer = toWriter(relay.end, Deno.stderr);
    for (const chunk of [whole.slice(0, cut), whole.slice(cut)]) {
      await writer.write(new TextEncoder().encode(chunk));
    }
    await writer.close();
    await relay.done;
    assert.deepEqual([await text, relay.heard], ["ab\nc", "12"]);
  }
});

Deno.test("what only looks like a verdict is passed on", async () => {
  const words = `${saidMark("other")}x\n${saidMark(TOKEN).slice(0, -1)}`;
  assert.equal(await relayed(words), words);
  assert.equal(await relayed("\x1e"), "\x1e");
});

Deno.test({
  name: "a full disk ends neither the relay nor its writer",
  ignore: findLibc() === undefined,
  async fn() {
    const relay = new VerdictRelay(openForWriting("/dev/full"), TOKEN);
    const writer = toWriter(relay.end, Deno.stderr);
    for (let times = 0; times < 3; times++) {
      assert.equal(await writer.write(new Uint8Array(2 << 20)), true);
    }
    await writer.close();
    await relay.done;
  },
});

Deno.test("output for a reader that does not read can be dropped", async () => {
  const full = Promise.withResolvers<void>();
  const stuck = Promise.withResolvers<void>();
  const output = new WritableStream<Uint8Array>({
    write() {
      full.resolve();
      return stuck.promise;
    },
  });
  const relay = new VerdictRelay(output, TOKEN);
  const writer = toWriter(relay.end, Deno.stderr);
  const written = writer.write(new Uint8Array(3 << 20));
  await full.promise;
  relay.drop();
  assert.equal(await written, true);
  await writer.close();
  await relay.done;
  stuck.resolve();
});

Deno.test("a verdict is found at the end of stderr, and one that is too long is cut", () => {
  const long = { message: "why", phase: "boot", consoleTail: "x".repeat(20_000) };
  const said = saidVerdict({ failure: long }, TOKEN);
  assert.ok(said.length < 8000);
  const { verdict, rest } = hearVerdict(`before ${said}after`, TOKEN);
  assert.deepEqual(verdict, { failure: { ...long, consoleTail: "" } });
  assert.equal(rest, "before after");
  assert.deepEqual(hearVerdict("nothing", TOKEN), { verdict: undefined, rest: "nothing" });
});
