import assert from "node:assert/strict";
import { groupFiles } from "./groups.ts";

const TEXTS: Readonly<Record<string, string>> = {
  "tests/archive/a_test.ts": "",
  "tests/vm/b_test.ts": "",
  "tests/fan_out/slurm_test.ts": 'import { SLURM } from "../support/slurm.ts";',
  "tests/archive/c_test.ts": "// not of ../support/docker.ts",
  "tests/runners/slurm/d_test.ts": 'import { useCluster } from "../../support/slurm.ts";',
  "tests/readme_test.ts": 'import { tempDir } from "./support/temp_dir.ts";',
  "src/io/e.ts": "",
};

Deno.test("groupFiles() keeps the files of a server or a folder together, the longest groups first", () => {
  const groups = groupFiles(Object.keys(TEXTS), (file) => TEXTS[file]!);
  assert.deepEqual([...groups], [
    ["tests/vm", ["tests/vm/b_test.ts"]],
    ["slurm", ["tests/fan_out/slurm_test.ts", "tests/runners/slurm/d_test.ts"]],
    ["tests/readme_test.ts", ["tests/readme_test.ts"]],
    ["tests/archive", ["tests/archive/a_test.ts", "tests/archive/c_test.ts"]],
    ["", ["src/io/e.ts"]],
  ]);
});
