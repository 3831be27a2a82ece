import assert from "node:assert/strict";
import { canFetchDenort, findDenort } from "../../guest-build/denort.ts";
import { tempDir } from "../support/temp_dir.ts";

const RELEASE = `release/v${Deno.version.deno}/denort-${Deno.build.target}.zip`;

Deno.test("findDenort() returns the given denort, else that of Deno's cache, else none", async () => {
  using folder = tempDir();
  const denoDir = folder.path;
  assert.equal(await findDenort({ denoDir }), undefined);
  const cached = `${denoDir}/dl/${RELEASE}`;
  Deno.mkdirSync(cached.slice(0, cached.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(cached, "");
  assert.equal(await findDenort({ denoDir }), cached);
  assert.equal(await findDenort({ denoDir, denort: "/given" }), "/given");
});

Deno.test("canFetchDenort() requests the release of this Deno, and accepts a negative answer", async () => {
  const asked: string[] = [];
  let status = 200;
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return new Response(null, { status });
  });
  const releases = `http://127.0.0.1:${server.addr.port}`;
  assert.equal(await canFetchDenort({ releases }), true);
  status = 404;
  assert.equal(await canFetchDenort({ releases }), false);
  assert.deepEqual(asked, [`HEAD /${RELEASE}`, `HEAD /${RELEASE}`]);
  assert.equal(await canFetchDenort({ releases: "http://127.0.0.1:1" }), false);
});
