// What apt is asked for another architecture; that it answers is seen where such a guest runs.

import assert from "node:assert/strict";
import { aptFor } from "../../src/kernels/foreign_apt.ts";
import { HOST_ARCH } from "../../src/machine/architectures.ts";
import { tempDir } from "../support/temp_dir.ts";

const FOREIGN = HOST_ARCH === "x86_64" ? "aarch64" : "x86_64";
const DEBIAN = HOST_ARCH === "x86_64" ? "arm64" : "amd64";

/** Has a stand-in for apt-get in PATH, which writes down its words. */
function fakeApt(folder: string, script = 'echo "$*" > "$0.asked"'): Disposable {
  Deno.writeTextFileSync(`${folder}/apt-get`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const before = Deno.env.get("PATH")!;
  Deno.env.set("PATH", `${folder}:${before}`);
  return { [Symbol.dispose]: () => Deno.env.set("PATH", before) };
}

Deno.test("aptFor() this architecture asks for nothing", async () => {
  assert.deepEqual(await aptFor(HOST_ARCH, "/nowhere", () => assert.fail()), []);
});

Deno.test("aptFor() another one has an index of its own, and lets apt's be", async () => {
  using folder = tempDir();
  using _apt = fakeApt(folder.path);
  const steps: string[] = [];
  const options = await aptFor(FOREIGN, folder.path, (step) => steps.push(step));
  const words = options.join(" ");
  assert.match(words, new RegExp(`-o APT::Architecture=${DEBIAN} -o APT::Architectures=${DEBIAN}`));
  for (const place of ["State", "Cache"]) {
    assert.ok(options.includes(`Dir::${place}=${folder.path}/apt`), words);
  }
  assert.equal(Deno.readTextFileSync(`${folder.path}/apt-get.asked`), `${words} -qq update\n`);
  assert.deepEqual(steps, [`asking for the packages of ${DEBIAN}`]);
});

Deno.test("aptFor() says why a mirror cannot give an index", async () => {
  using folder = tempDir();
  using _apt = fakeApt(folder.path, "echo 'E: 404  Not Found' >&2; exit 100");
  await assert.rejects(aptFor(FOREIGN, folder.path, () => {}), /exited with code 100:\nE: 404/);
});
