import assert from "node:assert/strict";
import { ensureInitrd, findOrBuild } from "../../guest-build/ensure_initrd.ts";
import { ownCache } from "../kernels/fixture.ts";
import { needs } from "../support/tools.ts";
import { BARE_KERNEL, OFFLINE } from "./fixture.ts";

function names(path: string): string[] {
  return Array.from(Deno.readDirSync(path), ({ name }) => name);
}

Deno.test({
  ...needs(
    "ensureInitrd() builds once, also for concurrent calls and other kernels without modules",
    "/bin/busybox",
  ),
  async fn() {
    using cache = ownCache();
    const both = await Promise.all([1, 2].map(() => ensureInitrd(BARE_KERNEL, OFFLINE)));
    assert.equal(both[0], both[1]);
    assert.deepEqual(names(`${cache.path}/initrds`), [both[0]!.split("/").at(-1)]);
    assert.match(both[0]!, /\/initrds\/[0-9a-f]{32}-bundled\.cpio$/);
    const again = await findOrBuild(BARE_KERNEL, OFFLINE);
    assert.deepEqual(again, { path: both[0], kind: "bundled" }); // no guest: it was cached
    const other = await ensureInitrd({ ...BARE_KERNEL, id: "1".repeat(64) }, OFFLINE);
    assert.equal(other, both[0]);
  },
});

Deno.test({
  ...needs("ensureInitrd() recognizes a kernel wherever its modules are", "/bin/busybox"),
  async fn() {
    using cache = ownCache();
    const paths = ["one", "other"].map((name) => `${cache.path}/${name}/virtio.ko`);
    for (const path of paths) {
      Deno.mkdirSync(path.replace(/\/[^/]*$/, ""));
      Deno.writeTextFileSync(path, "a module");
    }
    const [one, other] = paths.map((path) => ({ ...BARE_KERNEL, modules: [path] }));
    assert.equal(await ensureInitrd(one!, OFFLINE), await ensureInitrd(other!, OFFLINE));
    assert.equal(names(`${cache.path}/initrds`).length, 1);
    const changed = { ...one!, id: "1".repeat(64) }; // it depends on the content of modules
    assert.notEqual(await ensureInitrd(changed, OFFLINE), await ensureInitrd(one!, OFFLINE));
  },
});

Deno.test({
  ...needs("ensureInitrd() keeps the most recently used initrds", "/bin/busybox"),
  async fn() {
    using cache = ownCache();
    const folder = `${cache.path}/initrds`;
    Deno.mkdirSync(folder);
    for (let index = 0; index < 9; index++) {
      Deno.writeTextFileSync(`${folder}/${index}.cpio`, "");
      Deno.utimeSync(`${folder}/${index}.cpio`, 1000 + index, 1000 + index);
    }
    const built = (await ensureInitrd(BARE_KERNEL, OFFLINE)).split("/").at(-1)!;
    const kept = [...[2, 3, 4, 5, 6, 7, 8].map((index) => `${index}.cpio`), built];
    assert.deepEqual(names(folder).sort(), kept.sort());
  },
});
