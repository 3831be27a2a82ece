import assert from "node:assert/strict";
import { cmd, file, stream, voidRunner } from "../../../mod.ts";
import { tempDir } from "../../support/temp_dir.ts";

Deno.test("void starts nothing, not even existing programs", async () => {
  using folder = tempDir();
  const result = await cmd("touch", `${folder.path}/x`).run({ runner: voidRunner() });
  assert.equal(result.ok, true);
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test("void reads and discards all of its input", async () => {
  let given = 0;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (given === 100) return controller.close();
      given++;
      controller.enqueue(new Uint8Array(1 << 16));
    },
  });
  const { stages } = await stream(source).pipe(voidRunner().cmd("rm")).run();
  assert.deepEqual([given, stages[0]!.bytesIn, stages[0]!.code], [100, 100 << 16, 0]);
});

Deno.test("a missing source fails with void as with any runner", async () => {
  await assert.rejects(file("/no/such").pipe(voidRunner().cmd("cat")).run(), {
    name: "EndpointError",
  });
});
