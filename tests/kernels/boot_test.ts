import assert from "node:assert/strict";
import { fetchKernel } from "../../src/kernels/fetch.ts";
import { listKernels } from "../../src/kernels/find.ts";
import { needs } from "../support/tools.ts";
import { ownCache } from "./fixture.ts";
import { checkGuest, FILESYSTEMS } from "./guest.ts";

const TOOLS = ["apt-get", "apt-cache", "dpkg-deb", "busybox", "qemu-system-x86_64"];

Deno.test({
  ...needs(
    `the distribution's kernel is fetched, boots, loads its modules in order, and mounts ${FILESYSTEMS}`,
    ...TOOLS,
  ),
  async fn() {
    using _cache = ownCache();
    const steps: string[] = [];
    const kernel = await fetchKernel({ onProgress: (step) => steps.push(step) });
    assert.equal(kernel.origin, "fetched");
    assert.equal(kernel.arch, Deno.build.arch);
    assert.match(steps[0]!, /^downloading linux-image-\S+ \S+ \([\d.]+ MiB\)$/);
    assert.deepEqual(await listKernels(), [kernel]);
    await checkGuest(kernel, "pc");
  },
});
