import assert from "node:assert/strict";
import { fetchKernelSource, KERNEL_SOURCE } from "../../kernel/source.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

Deno.test({
  ...needs(
    "the error for a version that the archive no longer has tells what to do",
    "apt-get",
    "apt-cache",
  ),
  async fn() {
    using folder = tempDir();
    const gone = { ...KERNEL_SOURCE, version: "6.1.0-0" };
    await assert.rejects(fetchKernelSource(folder.path, gone), (error: Error) => {
      assert.match(error.message, /^cannot fetch linux-source-6\.1 6\.1\.0-0, from which kernels/);
      assert.match(error.message, /--source FILE$/);
      return true;
    });
  },
});

Deno.test("without apt the source of kernel.org is named", async () => {
  using folder = tempDir();
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", "/nowhere");
  try {
    const message =
      /no apt-get here: download https:\/\/cdn\.kernel\.org\/\S+ and give it as --source/;
    await assert.rejects(fetchKernelSource(folder.path), { message });
  } finally {
    Deno.env.set("PATH", path);
  }
});
