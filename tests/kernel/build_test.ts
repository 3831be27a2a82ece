// Takes ten minutes on two processors, so it runs only with EXECVM_SLOW_TESTS=1.

import assert from "node:assert/strict";
import { buildKernel } from "../../kernel/build.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { ownCache } from "../kernels/fixture.ts";
import { checkGuest, FILESYSTEMS, MACHINES } from "../kernels/guest.ts";
import { needs } from "../support/tools.ts";

const { name, ignore } = needs(
  `a kernel is built, boots on ${Object.keys(MACHINES)}, and mounts ${FILESYSTEMS}`,
  ...["apt-get", "gcc", "flex", "bison", "bc", "lz4", "busybox", "qemu-system-x86_64"],
);

async function buildAndBoot(test: Deno.TestContext): Promise<void> {
  using _cache = ownCache();
  const kernel = await buildKernel(); // fails if the source lacks an option
  assert.match(kernel.version, /-execvm$/);
  assert.deepEqual(await findKernel(), kernel);
  for (const machine of Object.keys(MACHINES) as (keyof typeof MACHINES)[]) {
    await test.step(machine, async () => {
      await checkGuest(kernel, machine);
    });
  }
}

if (Deno.env.get("EXECVM_SLOW_TESTS") === "1") {
  Deno.test({ name, ignore: ignore ?? false, fn: buildAndBoot });
}
