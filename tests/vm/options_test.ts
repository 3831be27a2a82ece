// Numeric options of machines, in every API that makes machines.

import assert from "node:assert/strict";
import { vm } from "../../mod.ts";
import { checkRunOptions } from "../../src/code/run_options.ts";
import { toSteps } from "../../src/prepare/prepare_options.ts";
import { execvm } from "../support/cli.ts";

for (
  const [name, value] of [["cpus", 0], ["cpus", -1], ["cpus", 1.5], ["memoryMib", NaN]] as const
) {
  Deno.test(`a machine with ${name} ${value} is refused before it is made`, () => {
    const refused = {
      name: "RangeError",
      message: /^cannot (make a machine|run code|prepare an image) with \w+ .*: it must be/,
    };
    assert.throws(() => vm({ [name]: value }), refused);
    assert.throws(() => checkRunOptions({ [name]: value }), refused);
    assert.throws(() => toSteps({ from: "debian:bookworm", [name]: value }), refused);
  });
}

Deno.test("a boot timeout is at least a millisecond, and at most a timer's maximum", () => {
  for (const bootTimeoutMs of [0, 2 ** 31, 0.5]) {
    assert.throws(() => vm({ bootTimeoutMs }), /from 1 to 2147483647$/);
  }
  vm({ bootTimeoutMs: 1, cpus: 1, memoryMib: 1 });
});

Deno.test("execvm refuses such a number in one line, as a usage error", async () => {
  const { code, stderr } = await execvm(["run", "-r", "vm", "--cpus", "-1", "--", "true"]);
  assert.equal(code, 2);
  assert.equal(
    stderr,
    "execvm: cannot take --cpus -1: it must be a whole number from 1 to 255\n",
  );
});
