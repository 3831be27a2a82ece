import assert from "node:assert/strict";
import { local } from "../../mod.ts";
import { crossPrefix, requireTools } from "../../kernel/tools.ts";
import { tempDir } from "../support/temp_dir.ts";

Deno.test("requireTools() names the missing tools, and the command that installs them", async () => {
  using folder = tempDir();
  Deno.symlinkSync("/bin/sh", `${folder.path}/sh`);
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", folder.path);
  try {
    await assert.rejects(requireTools(local(), "x86_64"), (error: Error) => {
      assert.match(
        error.message,
        /^cannot build a kernel: there is no make, gcc, ld, .*gelf\.h \(local\)/,
      );
      assert.match(
        error.message,
        /: apt-get install --no-install-recommends build-essential .*lz4.*libelf-dev$/,
      );
      return true;
    });
  } finally {
    Deno.env.set("PATH", path);
  }
});

Deno.test("another architecture than the runner's requires a cross compiler", async () => {
  const [own, other] = Deno.build.arch === "x86_64"
    ? ["x86_64", "aarch64"] as const
    : ["aarch64", "x86_64"] as const;
  assert.equal(await crossPrefix(local(), own), undefined);
  const prefix = await crossPrefix(local(), other);
  assert.equal(prefix, `${other}-linux-gnu-`);
  await assert.rejects(
    requireTools(local(), other, "no-such-"),
    /no-such-gcc.*: apt-get install .*gcc-(aarch64|x86-64)-linux-gnu/,
  );
});
