import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import { fetchKernel } from "../../src/kernels/fetch.ts";
import { listKernels } from "../../src/kernels/find.ts";
import { tempDir } from "../support/temp_dir.ts";
import { bzImage, ownCache } from "./fixture.ts";

const IMAGE = bzImage();
const SHA256 = createHash("sha256").update(IMAGE).digest("hex");

/** A server on the loopback: it has `/kernel`, and `/cut`, which ends too early. */
function serve(): { readonly url: string } & Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const connection of listener) await answer(connection);
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    [Symbol.dispose]: () => listener.close(),
  };
}

async function answer(connection: Deno.Conn): Promise<void> {
  const request = new Uint8Array(4096);
  const path = new TextDecoder().decode(request.subarray(0, await connection.read(request) ?? 0))
    .split(" ")[1];
  const isThere = path === "/kernel" || path === "/cut";
  const status = isThere ? "200 OK" : "404 Not Found";
  const body = path === "/kernel" ? IMAGE : IMAGE.subarray(0, isThere ? 1000 : 0);
  const length = isThere ? IMAGE.length : 0;
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`;
  for (const part of [new TextEncoder().encode(head), body]) {
    for (let rest = part; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
  }
  connection.close();
}

/** All files in the cache. */
function leftIn(cache: string): string[] {
  return [...Deno.readDirSync(`${cache}/kernels`)].map(({ name }) => name);
}

Deno.test("fetchKernel() accepts a file, by its path or URL, with or without its sha256", async () => {
  using _cache = ownCache();
  using folder = tempDir();
  const path = `${folder.path}/my kernel`;
  Deno.writeFileSync(path, IMAGE);
  const kernel = await fetchKernel({ from: path });
  assert.equal(kernel.version, "6.1.0-test");
  assert.equal(kernel.origin, "given");
  assert.equal(kernel.sha256, SHA256);
  assert.deepEqual(kernel.modules, []);
  assert.deepEqual(Deno.readFileSync(kernel.image), IMAGE);
  assert.deepEqual(await fetchKernel({ from: path, sha256: SHA256.toUpperCase() }), kernel);
  assert.deepEqual(await fetchKernel({ from: pathToFileURL(path).href }), kernel);
  assert.deepEqual(await fetchKernel({ from: pathToFileURL(path) }), kernel);
  assert.deepEqual(await listKernels(), [kernel]);
});

Deno.test("fetchKernel() accepts the file of a server if its hash is right", async () => {
  using _cache = ownCache();
  using server = serve();
  const steps: string[] = [];
  const from = `${server.url}/kernel`;
  const kernel = await fetchKernel({
    from,
    sha256: SHA256,
    onProgress: (step) => steps.push(step),
  });
  assert.deepEqual(Deno.readFileSync(kernel.image), IMAGE);
  assert.deepEqual(steps, [`reading ${from}`]);
});

Deno.test("fetchKernel() keeps nothing after a failure, and reports why", async () => {
  using cache = ownCache();
  using folder = tempDir();
  using server = serve();
  Deno.writeFileSync(`${folder.path}/kernel`, IMAGE);
  Deno.writeFileSync(`${folder.path}/cut`, IMAGE.subarray(0, 1200));
  Deno.writeFileSync(`${folder.path}/empty`, new Uint8Array());
  Deno.writeTextFileSync(`${folder.path}/garbage`, "garbage ".repeat(10_000));
  const wrong = "0".repeat(64);
  const rows: [string, string | undefined, RegExp][] = [
    [`${folder.path}/kernel`, wrong, /: its sha256 is [0-9a-f]{64} in place of 0{64}$/],
    [`${server.url}/kernel`, wrong, /: its sha256 is [0-9a-f]{64} in place of 0{64}$/],
    [`${server.url}/cut`, SHA256, /^cannot fetch http:.*\/cut: /],
    [`${server.url}/nothing`, SHA256, /: the server answered 404 Not Found$/],
    [`${folder.path}/cut`, undefined, /: it is truncated: it has 1200 of 1600 bytes$/],
    [`${folder.path}/empty`, undefined, /: it is empty, not a bzImage/],
    [`${folder.path}/garbage`, undefined, /: it is another kind of file, not a bzImage/],
    [
      `${folder.path}/none`,
      undefined,
      /^cannot fetch ".*none": there is no such file or folder$/,
    ],
    [folder.path, undefined, /^cannot fetch ".*": there is no kernel image$/],
  ];
  for (const [from, sha256, message] of rows) {
    await assert.rejects(fetchKernel({ from, ...(sha256 !== undefined && { sha256 }) }), {
      message,
    });
    assert.deepEqual(leftIn(cache.path), [], from);
  }
});

Deno.test("fetchKernel() refuses a file that cannot be checked before it requests it", async () => {
  using cache = ownCache();
  const rows: [Parameters<typeof fetchKernel>[0], RegExp][] = [
    [{ from: "http://127.0.0.1:1/kernel" }, /a URL needs the sha256/],
    [{ from: "https://127.0.0.1:1/kernel" }, /a URL needs the sha256/],
    [{ from: "ftp://127.0.0.1/kernel", sha256: SHA256 }, /a path or a URL of http, https or file/],
    [{ from: "kernel", sha256: "abc" }, /"abc": it is not a sha256 in hex$/],
    [{ sha256: SHA256 }, /set from too$/],
  ];
  for (const [options, message] of rows) {
    await assert.rejects(fetchKernel(options), { name: "TypeError", message });
  }
  assert.deepEqual([...Deno.readDirSync(cache.path)], []);
});

Deno.test("fetchKernel() without apt reports what to run instead", async () => {
  using _cache = ownCache();
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", "/nowhere");
  try {
    const message =
      /^cannot fetch a kernel: there is no apt-get here: use execvm kernel fetch --from/;
    await assert.rejects(fetchKernel(), { message });
  } finally {
    Deno.env.set("PATH", path);
  }
});
