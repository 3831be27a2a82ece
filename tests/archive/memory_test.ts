import assert from "node:assert/strict";
import { tempDir, tool } from "./fixture.ts";

const MAX_KIB = 200 * 1024;

/** Runs `memory_program.ts` in a separate process and returns its report. */
async function run(job: string, ...args: string[]): Promise<{ bytes: number; peakKib: number }> {
  const program = new URL("memory_program.ts", import.meta.url).href;
  const deno = [Deno.execPath(), "run", "-A", "--quiet", "--no-lock", program];
  return JSON.parse(new TextDecoder().decode(await tool([...deno, job, ...args])));
}

Deno.test("packTar() packs a file of 6 GiB in less than 200 MiB of memory", async () => {
  using dir = tempDir();
  await tool(["truncate", "-s", "6G", `${dir.path}/f`]);
  const { bytes, peakKib } = await run("pack", `${dir.path}/f`);
  assert.equal(bytes, 6 * 2 ** 30 + 3 * 512);
  assert.ok(peakKib < MAX_KIB, `${peakKib} KiB`);
});

Deno.test("packTar() states a size over 8 GiB so that GNU tar and bsdtar read it", async () => {
  using dir = tempDir();
  await tool(["truncate", "-s", "9G", `${dir.path}/f`]);
  await run("head", `${dir.path}/f`, `${dir.path}/head.tar`);
  for (const argv of [["tar", "-tvf"], ["bsdtar", "-tvf"]]) {
    // The archive is cut short on purpose: the tools print the listing before the error.
    const { stdout } = await new Deno.Command(argv[0]!, {
      args: [argv[1]!, `${dir.path}/head.tar`],
      stderr: "null",
    }).output();
    assert.match(new TextDecoder().decode(stdout), / 9663676416 /, argv[0]!);
  }
});

Deno.test("unpackTar() unpacks a file of 1 GiB in less than 200 MiB of memory", async () => {
  using dir = tempDir();
  const { peakKib } = await run("unpack", `${dir.path}/out`);
  assert.equal(Deno.statSync(`${dir.path}/out/f`).size, 2 ** 30);
  assert.ok(peakKib < MAX_KIB, `${peakKib} KiB`);
});

Deno.test("tarToCpio() converts a file of 3 GiB in less than 200 MiB of memory", async () => {
  const { bytes, peakKib } = await run("cpio");
  assert.ok(bytes > 3 * 2 ** 30);
  assert.ok(peakKib < MAX_KIB, `${peakKib} KiB`);
});

for (const job of ["names-to-cpio", "names-of-layer"]) {
  Deno.test(`a process with 200,000 names takes less than 150 MiB of memory: ${job}`, async () => {
    using dir = tempDir();
    const { bytes, peakKib } = await run(job, dir.path);
    assert.ok(bytes > 20e6, `${bytes} bytes`);
    assert.ok(peakKib < 150 * 1024, `${peakKib} KiB`);
  });
}

Deno.test("a process with 1,500 attributes of 60 kB takes less than 130 MiB of memory", async () => {
  const { bytes, peakKib } = await run("attributes-of-layer");
  assert.ok(bytes > 90e6, `${bytes} bytes`);
  assert.ok(peakKib < 130 * 1024, `${peakKib} KiB`);
});
