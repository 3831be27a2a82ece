import assert from "node:assert/strict";
import { ensureBusybox, fetchBusybox, firstStatic } from "../../guest-build/busybox.ts";
import { ownCache } from "../kernels/fixture.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

Deno.test({
  ...needs(
    "firstStatic() skips scripts, dynamic programs and missing files",
    "/bin/busybox",
  ),
  async fn() {
    using folder = tempDir();
    const script = `${folder.path}/busybox`;
    Deno.writeTextFileSync(script, "#!/bin/sh\n", { mode: 0o755 });
    const others = [`${folder.path}/missing`, folder.path, script, Deno.execPath()];
    assert.equal(await firstStatic(others), undefined);
    assert.equal(await firstStatic([...others, "/bin/busybox"]), "/bin/busybox");
  },
});

Deno.test({
  ...needs("ensureBusybox() uses the host's busybox", "/bin/busybox"),
  fn: async () => assert.equal(await ensureBusybox(), "/bin/busybox"),
});

Deno.test({
  ...needs(
    "fetchBusybox() gets Debian's into the cache, and installs nothing",
    "apt-get",
    "dpkg-deb",
  ),
  async fn() {
    using cache = ownCache();
    const steps: string[] = [];
    const path = await fetchBusybox((step) => steps.push(step));
    assert.equal(path, `${cache.path}/busybox/busybox`);
    assert.equal(await firstStatic([path]), path);
    assert.match(steps.join("\n"), /^downloading busybox-static \S+$/);
    const { stdout } = await new Deno.Command(path, { args: ["echo", "it runs"] }).output();
    assert.equal(new TextDecoder().decode(stdout), "it runs\n");
    assert.deepEqual(Array.from(Deno.readDirSync(`${cache.path}/busybox`)).length, 1);
  },
});

Deno.test("without apt-get fetchBusybox() tells what to run", async () => {
  using cache = ownCache();
  const before = Deno.env.get("PATH")!;
  Deno.env.set("PATH", cache.path);
  try {
    await assert.rejects(
      fetchBusybox(),
      /^Error: cannot find a static busybox: .* no apt-get .*; as root, run: apt-get install busybox-static$/,
    );
  } finally {
    Deno.env.set("PATH", before);
  }
});
