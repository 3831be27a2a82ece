// The options of prepareImage(), and which are rejected before anything starts.

import assert from "node:assert/strict";
import { toSteps } from "../../src/prepare/prepare_options.ts";
import type { PrepareOptions } from "../../src/prepare/prepare_options.ts";

const REFUSED: readonly [name: string, options: Omit<PrepareOptions, "from">, message: RegExp][] = [
  [
    "packages without a network",
    { packages: ["python3"] },
    /^cannot install packages: there is no network: give network: true$/,
  ],
  ["an index without a network", { pip: ["numpy"] }, /^cannot install pip: there is no network/],
  ["a package that is an option", { packages: ["-o"], network: true }, /"-o": it must be a name/],
  ["a requirement that is a URL", { pip: ["a @ http://b"], network: true }, /must be a name/],
  ["a requirement that is a file", { pip: ["./a.whl"], network: true }, /must be a name/],
  ["a relative path", { files: { "etc/a": "a" } }, /"etc\/a": that must be an absolute path/],
  ["a path that leads up", { files: { "/etc/../a": "a" } }, /must be an absolute path/],
  ["an empty command", { run: [[]] }, /a command must be a list of strings, not empty/],
  ["a command that is a string", { run: ["ls" as unknown as string[]] }, /must be a list/],
  [
    "steps for another processor",
    { run: [["true"]], platform: "linux/riscv64" },
    /^cannot prepare an image for linux\/riscv64 by steps: they run on linux\/(amd|arm)64: /,
  ],
  ["a disk without room", { sizeMib: 1 }, /sizeMib 1: it must be a whole number from 8 to/],
];

for (const [name, options, message] of REFUSED) {
  Deno.test(`prepareImage() rejects ${name}`, () => {
    assert.throws(() => toSteps({ from: "/x", ...options }), { message });
  });
}

Deno.test("prepareImage() accepts the names that package managers and pip accept", () => {
  const packages = ["python3", "libc6:amd64", "g++=4:12.2.0-3", "py3-pip~=3", "cpio>2"];
  const pip = ["numpy==1.26.4", "requests[socks]>=2,<3", "a.b_c-d", "pip != 23"];
  const steps = toSteps({ from: "/x", packages, pip, network: true });
  assert.deepEqual(steps.packages, packages);
  assert.deepEqual(steps.pip, { requirements: pip });
});
