import assert from "node:assert/strict";
import { fetchWithin } from "../../src/io/fetch_within.ts";

/** A server that sends this answer, or none. */
function serve(answer: () => Response | Promise<Response>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  return {
    url: new URL(`http://127.0.0.1:${server.addr.port}`),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const SILENT = { message: /^it sent nothing for 0.05 s$/ };

Deno.test("fetchWithin() fails when no answer comes", async () => {
  const end = Promise.withResolvers<Response>();
  await using server = serve(() => end.promise);
  await assert.rejects(fetchWithin(server.url, {}, { silenceMs: 50 }), SILENT);
  end.resolve(new Response());
});

Deno.test("fetchWithin() fails when an answer stalls", async () => {
  await using server = serve(() => {
    const start = (controller: ReadableStreamDefaultController<Uint8Array>) =>
      controller.enqueue(new Uint8Array(3));
    return new Response(new ReadableStream({ start }));
  });
  const response = await fetchWithin(server.url, {}, { silenceMs: 50 });
  await assert.rejects(response.bytes(), SILENT);
});

Deno.test("fetchWithin() returns the answer unchanged, and leaves nothing behind", async () => {
  await using server = serve(() => new Response("text", { status: 418, headers: { a: "b" } }));
  const response = await fetchWithin(server.url, {});
  assert.deepEqual([response.status, response.headers.get("a")], [418, "b"]);
  assert.equal(await response.text(), "text");
  await (await fetchWithin(server.url, {})).body?.cancel();
});

Deno.test("fetchWithin() fails when an answer stalls, even after garbage collection", async () => {
  const program = `
    import { fetchWithin } from ${
    JSON.stringify(import.meta.resolve("../../src/io/fetch_within.ts"))
  };
    const start = (controller) => controller.enqueue(new Uint8Array(3));
    const answer = () => new Response(new ReadableStream({ start }));
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    const { addr } = Deno.serve(options, answer);
    const url = new URL("http://127.0.0.1:" + addr.port);
    const reader = await fetchWithin(url, {}, { silenceMs: 1000 }).then(({ body }) => body.getReader());
    await reader.read();
    const rest = reader.read().catch(({ message }) => message);
    for (let i = 0; i < 5; i++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve));
    }
    console.log(await rest);
    Deno.exit();
  `;
  const args = ["eval", "--no-lock", "--v8-flags=--expose-gc", program];
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args,
    signal: AbortSignal.timeout(60_000), // it hung for ever
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "it sent nothing for 1 s\n");
});
