import assert from "node:assert/strict";
import { kernelConfig, requestedOptions } from "../../src/kernels/fragments.ts";

Deno.test("requestedOptions() returns options that are enabled, not those turned off", () => {
  const config =
    `# CONFIG_COMMENT=y\nCONFIG_A=y\n# CONFIG_B is not set\n\nCONFIG_C="x=y"\nCONFIG_D=1\n`;
  assert.deepEqual(requestedOptions(config), ["CONFIG_A=y", 'CONFIG_C="x=y"', "CONFIG_D=1"]);
});

Deno.test("no option is both enabled and turned off, or set to two values", async () => {
  for (const arch of ["x86_64", "aarch64"] as const) {
    const config = await kernelConfig(arch);
    const values = new Map<string, string>();
    for (
      const [, off, name, value] of config.matchAll(/^(# )?(CONFIG_\w+)(?:=(.*)| is not set)$/gm)
    ) {
      const wanted = off === undefined ? value! : "off";
      assert.equal(values.get(name!) ?? wanted, wanted, `${name} (${arch})`);
      values.set(name!, wanted);
    }
    assert.ok(values.size > 100);
  }
});

Deno.test("every line of a fragment is an option, on or off, a comment, or empty", async () => {
  for (const arch of ["x86_64", "aarch64"] as const) {
    for (const line of (await kernelConfig(arch)).split("\n")) {
      assert.match(line, /^$|^CONFIG_[A-Z0-9_]+=\S+$|^# /);
      assert.ok(line.length <= 105, line);
    }
  }
});

Deno.test("no option is requested as a module", async () => {
  for (const arch of ["x86_64", "aarch64"] as const) {
    assert.deepEqual(
      requestedOptions(await kernelConfig(arch)).filter((it) => it.endsWith("=m")),
      [],
    );
  }
});
