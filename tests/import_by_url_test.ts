import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { tempDir } from "./support/temp_dir.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Serves the checkout over loopback, as a user's web server would. */
function serveCheckout(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const path = `${ROOT}${decodeURIComponent(new URL(request.url).pathname)}`;
    const content = await Deno.readFile(path).catch(() => undefined);
    if (content === undefined) return new Response(null, { status: 404 });
    return new Response(content, { headers: { "content-type": "application/typescript" } });
  });
}

Deno.test("mod.ts works when it is imported by URL from an empty folder", async () => {
  await using server = serveCheckout();
  using folder = tempDir();
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const script = `
    import { chain, cmd, fromJSON, tar, text } from "${origin}/mod.ts";
    console.log(await text("a b").pipe(cmd("wc", "-w")).text());
    console.log(await chain(["echo", "one"], ["echo", "two"]).text());
    const pipeline = tar("script.ts").pipe(cmd("tar", "-t"));
    console.log(await fromJSON(JSON.parse(JSON.stringify(pipeline))).run().then(({ ok }) => ok));
  `;
  Deno.writeTextFileSync(`${folder.path}/script.ts`, script);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "script.ts"],
    cwd: folder.path,
  }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stderr));
  assert.equal(decoder.decode(stdout), "2\none\ntwo\nscript.ts\ntrue\n");
});
