import assert from "node:assert/strict";
import { bundle } from "../../guest-build/bundle.ts";
import { bundleGuest } from "../../guest-build/guest_program.ts";
import { GUEST_MAIN } from "../../guest-build/sources.ts";
import { tempDir } from "../support/temp_dir.ts";

/** A Deno that runs in a folder with a package.json, with additional variables. */
function denoIn(folder: string, ...env: readonly string[]): string {
  const deno = `${folder}/deno`;
  const start = `cd '${folder}' && exec env ${env.join(" ")} '${Deno.execPath()}' "$@"`;
  Deno.writeTextFileSync(deno, `#!/bin/sh\n${start}\n`, { mode: 0o755 });
  Deno.writeTextFileSync(`${folder}/package.json`, '{ "dependencies": { "esbuild": "0.1.0" } }');
  return deno;
}

Deno.test("a bundle is the same in a folder with a package.json", async () => {
  using folder = tempDir();
  const job = { entry: GUEST_MAIN.href, minify: true };
  assert.equal(await bundle(denoIn(folder.path), job), await bundleGuest(Deno.execPath()));
});

Deno.test("the bundler comes from the registry of npm's settings, which an error names", async () => {
  using folder = tempDir();
  const asked: string[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    asked.push(`${request.headers.get("authorization")} ${new URL(request.url).pathname}`);
    return new Response(null, { status: 404 });
  });
  const host = `127.0.0.1:${server.addr.port}`;
  const npmrc = `registry=http://${host}/\n//${host}/:_authToken=secret\n`;
  Deno.writeTextFileSync(`${folder.path}/.npmrc`, npmrc);
  const deno = denoIn(folder.path, `HOME=${folder.path}`, `DENO_DIR=${folder.path}/deno-dir`);
  await assert.rejects(
    bundleGuest(deno),
    /^Error: cannot bundle the guest: [^\n]*esbuild[^\n]*$/,
  );
  assert.ok(asked.length > 0);
  for (const request of asked) assert.match(request, /^Bearer secret \/(@esbuild.*|esbuild.*)$/);
});

Deno.test("a guest has no packages: an import of one is an error that names it", async () => {
  using folder = tempDir();
  const entry = `${folder.path}/main.ts`;
  Deno.writeTextFileSync(entry, 'import "npm:zod@4.6.7";\n');
  await assert.rejects(
    bundle(Deno.execPath(), { entry, minify: false }),
    /^Error: \S*main\.ts:1: npm:zod@4\.6\.7 is imported, and no packages were given$/,
  );
});
