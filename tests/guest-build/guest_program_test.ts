// denort is not available everywhere: these tests check the calls of Deno, and how their results
// are used, with a stand-in for `deno compile` that copies /bin/true.

import assert from "node:assert/strict";
import { guestKind, makeGuest } from "../../guest-build/guest_program.ts";
import { tempDir } from "../support/temp_dir.ts";

const FAKE_DENO = `#!/bin/sh
if [ "$1" != compile ]; then exec "$REAL_DENO" "$@"; fi
echo "$DENORT_BIN $*" > "\${0%/*}/asked"
if [ "$DENORT_BIN" = /broken ]; then echo 'error: it is broken' >&2; exit 1; fi
while [ "$1" != --output ]; do shift; done
cp /bin/true "$2"
`;

/** A folder with a stand-in for Deno. */
function fakeDeno(): { readonly path: string; readonly deno: string } & Disposable {
  const folder = tempDir();
  const deno = `${folder.path}/deno`;
  Deno.writeTextFileSync(deno, FAKE_DENO.replace("$REAL_DENO", Deno.execPath()), { mode: 0o755 });
  return { path: folder.path, deno, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

const OFFLINE = "http://127.0.0.1:1";

Deno.test("a guest is compiled when there is a denort", async () => {
  using fake = fakeDeno();
  const places = { deno: fake.deno, denort: "/given", releases: OFFLINE };
  assert.equal(await guestKind(places), "compiled");
  const guest = await makeGuest(fake.path, places);
  assert.deepEqual(guest, { kind: "compiled", program: `${fake.path}/guest` });
  assert.deepEqual(Deno.readFileSync(guest.program), Deno.readFileSync("/bin/true"));
  const asked = Deno.readTextFileSync(`${fake.path}/asked`);
  assert.match(asked, /^\/given compile -A .*--output \S+\/guest \S+\/guest\.js\n$/);
});

Deno.test("a denort that does not work is an error, not a guest of another kind", async () => {
  using fake = fakeDeno();
  const places = { deno: fake.deno, denort: "/broken", releases: OFFLINE };
  await assert.rejects(
    makeGuest(fake.path, places),
    /^Error: cannot compile the guest with \/broken: deno compile failed: it is broken$/,
  );
});

Deno.test("a guest is compiled when the network has a denort", async () => {
  using fake = fakeDeno();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(),
  );
  const releases = `http://127.0.0.1:${server.addr.port}`;
  const places = { deno: fake.deno, denoDir: fake.path, releases };
  assert.equal(await guestKind(places), "bundled");
  assert.equal((await makeGuest(fake.path, places)).kind, "compiled");
});

Deno.test("a guest is bundled when no denort is available, and reports that", async () => {
  using fake = fakeDeno();
  const places = { deno: fake.deno, denoDir: fake.path, releases: OFFLINE };
  assert.equal(await guestKind(places), "bundled");
  const guest = await makeGuest(fake.path, places);
  assert.equal(guest.kind, "bundled");
  assert.equal(guest.program, fake.deno);
  assert.match(guest.script ?? "", /execvm: the guest cannot go on/);
  assert.match(guest.reason ?? "", /no denort here, and Deno's releases cannot be reached/);
});
