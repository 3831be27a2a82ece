// The outputs of code as the source of a pipeline.

import assert from "node:assert/strict";
import { cmd, file, outputs } from "../../mod.ts";
import { tempDir } from "../support/temp_dir.ts";

const NONE = { outputsDir: null, outputsTar: null, outputsFailure: null } as const;

Deno.test("outputs() is a tar of the files in the outputs folder", async () => {
  using folder = tempDir();
  Deno.mkdirSync(`${folder.path}/files/workspace`, { recursive: true });
  Deno.writeTextFileSync(`${folder.path}/files/workspace/a`, "made");
  Deno.writeTextFileSync(`${folder.path}/manifest.json`, "{}");
  const source = outputs({ ...NONE, outputsDir: folder.path });
  const names = await source.pipe(cmd("tar", "-t")).text();
  assert.deepEqual(names.split("\n").sort(), ["./", "./workspace/", "./workspace/a"]);
});

Deno.test("outputs() is the tar that was written", () => {
  const source = outputs({ ...NONE, outputsDir: "/made", outputsTar: "/made.tar" });
  assert.deepEqual(source, file("/made.tar"));
});

Deno.test("outputs() is an empty tar if there are no outputs, or none that can be kept", async () => {
  const entry = { kind: "fifo", mode: 0o644, uid: 0, gid: 0, size: 0 } as const;
  const deleted = { ...entry, path: "/a", change: "deleted" } as const;
  const fifo = { ...entry, path: "/b", change: "created" } as const;
  const leftOut = [{ path: "/b", why: "it is a fifo" }];
  for (
    const result of [
      { ...NONE, outputMode: "diff", artifacts: [], leftOut: [] },
      { ...NONE, outputMode: "all", artifacts: [deleted, fifo], leftOut },
    ] as const
  ) {
    assert.equal(await outputs(result).pipe(cmd("tar", "-t")).text(), "");
  }
  assert.throws(() => outputs({ ...NONE, outputMode: "diff", artifacts: [fifo], leftOut: [] }), {
    message: "cannot take outputs: there are none: the code ran with outputsDir: false",
  });
});

Deno.test("outputs() reports why there are none", () => {
  assert.throws(() => outputs(NONE), {
    name: "TypeError",
    message: 'cannot take outputs: there are none: the code ran with output: "none"',
  });
  assert.throws(() => outputs({ ...NONE, outputsDir: "/made", outputsFailure: "it is damaged" }), {
    message: "cannot take outputs: there are none: it is damaged",
  });
});
