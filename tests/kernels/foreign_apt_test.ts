// The calls of apt for another architecture. The tests that run such a guest use the real apt.

import assert from "node:assert/strict";
import { aptFor } from "../../src/kernels/foreign_apt.ts";
import { HOST_ARCH } from "../../src/machine/architectures.ts";
import { tempDir } from "../support/temp_dir.ts";

const FOREIGN = HOST_ARCH === "x86_64" ? "aarch64" : "x86_64";
const DEBIAN = HOST_ARCH === "x86_64" ? "arm64" : "amd64";

/** Puts a fake apt-get that records its arguments into PATH. */
function fakeApt(folder: string, script = 'echo "$*" > "$0.asked"'): Disposable {
  Deno.writeTextFileSync(`${folder}/apt-get`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const before = Deno.env.get("PATH")!;
  Deno.env.set("PATH", `${folder}:${before}`);
  return { [Symbol.dispose]: () => Deno.env.set("PATH", before) };
}

Deno.test("aptFor() calls nothing for this architecture", async () => {
  assert.deepEqual(await aptFor({ arch: HOST_ARCH }, "/nowhere", () => assert.fail()), []);
});

Deno.test("aptFor() downloads a separate index for another architecture", async () => {
  using folder = tempDir();
  using _apt = fakeApt(folder.path);
  const steps: string[] = [];
  const options = await aptFor({ arch: FOREIGN }, folder.path, (step) => steps.push(step));
  const words = options.join(" ");
  assert.match(words, new RegExp(`-o APT::Architecture=${DEBIAN} -o APT::Architectures=${DEBIAN}`));
  for (const place of ["State", "Cache"]) {
    assert.ok(options.includes(`Dir::${place}=${folder.path}/apt`), words);
  }
  assert.equal(Deno.readTextFileSync(`${folder.path}/apt-get.asked`), `${words} -qq update\n`);
  assert.deepEqual(steps, [`reading the package index of ${DEBIAN}`]);
});

Deno.test("aptFor() reports why an index cannot be downloaded", async () => {
  using folder = tempDir();
  using _apt = fakeApt(folder.path, "echo 'E: 404  Not Found' >&2; exit 100");
  await assert.rejects(
    aptFor({ arch: FOREIGN }, folder.path, () => {}),
    /exited with code 100:\nE: 404/,
  );
});
