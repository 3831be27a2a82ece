// The conformance table in real virtual machines, one for each command: clones, and with
// EXECVM_SLOW_TESTS=1 also booted machines.

import { vm, type VmOptions } from "../../mod.ts";
import { KERNEL } from "../support/kernel.ts";
import type { Subject } from "./row.ts";
import { conformance, COPIED, COPYING_ROWS } from "./suite.ts";

const KINDS: readonly (readonly [string, VmOptions])[] = [
  ["vm", {}],
  ["vm, booted", { template: false }],
];

for (const [name, options] of Deno.env.has("EXECVM_SLOW_TESTS") ? KINDS : KINDS.slice(0, 1)) {
  const subject: Subject = {
    name,
    needs: ["qemu-system-x86_64", "busybox", KERNEL],
    isSlow: true,
    isEmulated: true,
    runner: () => vm(options),
    copying: (copies) => vm({ ...options, ...copies }),
    terminal: () => vm({ ...options, tty: true }),
  };
  conformance(subject);
  const runner = () => vm({ ...options, ...COPIED });
  conformance({ ...subject, name: `${name} with files`, runner }, COPYING_ROWS);
}
