// A fan-out over real virtual machines from a pool.

import assert from "node:assert/strict";
import { cmd, each, vm } from "../../mod.ts";
import { KERNEL } from "../support/kernel.ts";
import { needs } from "../support/tools.ts";

const ITEMS = 200;

Deno.test({
  ...needs(
    `${ITEMS} items run in ${ITEMS} fresh machines from a pool, with their outputs in order`,
    "qemu-system-x86_64",
    "busybox",
    KERNEL,
  ),
  async fn() {
    await using runner = vm({ pool: 4 });
    const script = 'read -r boot < /proc/sys/kernel/random/boot_id; echo "$1 $boot"';
    const numbers = Array.from({ length: ITEMS }, (_, index) => index);
    const fan = each(numbers, (n) => cmd("sh", "-c", script, "sh", `${n}`), { concurrency: 4 });
    const outputs = (await fan.text({ runner })).map((output) => output.split(" "));
    assert.deepEqual(outputs.map(([number]) => number), numbers.map(String));
    assert.equal(new Set(outputs.map(([, boot]) => boot)).size, ITEMS);
  },
});
