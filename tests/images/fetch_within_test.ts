import assert from "node:assert/strict";
import { fetchWithin } from "../../src/images/fetch_within.ts";

/** A server that gives this answer, or none. */
function serve(answer: () => Response | Promise<Response>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  return {
    url: new URL(`http://127.0.0.1:${server.addr.port}`),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const SILENT = { message: /^it has said nothing for 0.05 s$/ };

Deno.test("fetchWithin() fails when no answer comes", async () => {
  const end = Promise.withResolvers<Response>();
  await using server = serve(() => end.promise);
  await assert.rejects(fetchWithin(server.url, {}, { silenceMs: 50 }), SILENT);
  end.resolve(new Response());
});

Deno.test("fetchWithin() fails when an answer falls silent", async () => {
  await using server = serve(() => {
    const start = (controller: ReadableStreamDefaultController<Uint8Array>) =>
      controller.enqueue(new Uint8Array(3));
    return new Response(new ReadableStream({ start }));
  });
  const response = await fetchWithin(server.url, {}, { silenceMs: 50 });
  await assert.rejects(response.bytes(), SILENT);
});

Deno.test("fetchWithin() gives the answer as it is, and leaves nothing behind", async () => {
  await using server = serve(() => new Response("text", { status: 418, headers: { a: "b" } }));
  const response = await fetchWithin(server.url, {});
  assert.deepEqual([response.status, response.headers.get("a")], [418, "b"]);
  assert.equal(await response.text(), "text");
  await (await fetchWithin(server.url, {})).body?.cancel();
});
