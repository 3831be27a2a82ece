// Tests with a registry on the loopback interface in place of npm's.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { ensureDeno } from "../../guest-build/npm_deno.ts";
import { parseDist } from "../../guest-build/npm_package.ts";
import { tar } from "../../mod.ts";
import { ownCache } from "../kernels/fixture.ts";
import { tempDir } from "../support/temp_dir.ts";

const PROGRAM = "not really a program\n";
const VERSION = Deno.version.deno;
const NAME = "@deno/linux-arm64-glibc";

/** An archive like npm's. */
async function packageOf(program: string): Promise<Uint8Array<ArrayBuffer>> {
  using folder = tempDir();
  Deno.mkdirSync(`${folder.path}/package`);
  Deno.writeTextFileSync(`${folder.path}/package/deno`, program, { mode: 0o755 });
  return await tar("package", { directory: folder.path, compress: "gzip" }).bytes();
}

/** A registry with that archive, optionally with a wrong hash; execvm is configured to use it. */
function serveRegistry(archive: Uint8Array<ArrayBuffer>, hashed: Uint8Array = archive) {
  const requests: string[] = [];
  const integrity = `sha512-${createHash("sha512").update(hashed).digest("base64")}`;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname, origin } = new URL(request.url);
    requests.push(pathname);
    if (pathname === "/a.tgz") return new Response(archive);
    const dist = { tarball: `${origin}/a.tgz`, integrity };
    if (pathname === `/${NAME}/${VERSION}`) return Response.json({ dist });
    return new Response("no", { status: 404 });
  });
  const before = Deno.env.get("NPM_CONFIG_REGISTRY");
  Deno.env.set("NPM_CONFIG_REGISTRY", `http://127.0.0.1:${server.addr.port}`);
  return {
    requests,
    async [Symbol.asyncDispose]() {
      if (before === undefined) Deno.env.delete("NPM_CONFIG_REGISTRY");
      else Deno.env.set("NPM_CONFIG_REGISTRY", before);
      await server.shutdown();
    },
  };
}

Deno.test("ensureDeno() fetches this version for another architecture once", async () => {
  using cache = ownCache();
  await using registry = serveRegistry(await packageOf(PROGRAM));
  const steps: string[] = [];
  const path = await ensureDeno("aarch64", (step) => steps.push(step));
  assert.equal(path, `${cache.path}/guests/aarch64/deno-${VERSION}`);
  assert.equal(Deno.readTextFileSync(path), PROGRAM);
  assert.equal(await ensureDeno("aarch64", (step) => steps.push(step)), path);
  assert.deepEqual(steps, [`downloading ${NAME} ${VERSION}`]);
  assert.deepEqual(registry.requests, [`/${NAME}/${VERSION}`, "/a.tgz"]);
});

Deno.test("ensureDeno() keeps nothing whose hash is not the registry's", async () => {
  using cache = ownCache();
  await using _registry = serveRegistry(await packageOf(PROGRAM), new Uint8Array());
  await assert.rejects(
    ensureDeno("aarch64", () => {}),
    /^Error: cannot get @deno\/linux-arm64-glibc \S+: its sha512 is [0-9a-f]{128} in place of/,
  );
  assert.deepEqual([...Deno.readDirSync(cache.path)], []);
});

Deno.test("ensureDeno() reports the answer of a registry that does not have it", async () => {
  using _cache = ownCache();
  await using _registry = serveRegistry(new Uint8Array());
  await assert.rejects(
    ensureDeno("x86_64", () => {}),
    /^Error: cannot get @deno\/linux-x64-glibc \S+: the server answered 404 Not Found for http/,
  );
});

Deno.test("parseDist() requires an archive with a sha512, which may be one of several hashes", () => {
  const sha512 = new Uint8Array(64).fill(7);
  const dist = { tarball: "http://x/a.tgz", integrity: `sha1-x sha512-${sha512.toBase64()}` };
  const found = parseDist(JSON.stringify({ dist }));
  assert.deepEqual(found, { tarball: "http://x/a.tgz", sha512: sha512.toHex() });
  for (const wrong of [{}, { tarball: "x" }, { ...dist, integrity: "sha512-short" }, null]) {
    assert.throws(() => parseDist(JSON.stringify({ dist: wrong })), /no archive with a sha512$/);
  }
});
