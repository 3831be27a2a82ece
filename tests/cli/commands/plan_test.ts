import assert from "node:assert/strict";
import { cmd, tar } from "../../../mod.ts";
import { execvm } from "../../support/cli.ts";

const PIPELINE = JSON.stringify(tar("/no/such").pipe(cmd("wc", "-l")));

Deno.test("plan shows stages, runners and edges without starting anything", async () => {
  const { code, stdout, stderr } = await execvm(["plan", "-"], { stdin: PIPELINE });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(stdout, 'tar("/no/such")\n  | stream\nlocal: wc -l\n  | inherit\nstdout()\n');
});

Deno.test("plan -r binds unbound commands to another runner", async () => {
  assert.match(
    (await execvm(["plan", "-r", "void", "-"], { stdin: PIPELINE })).stdout,
    /^void: wc/m,
  );
});

Deno.test("plan -n shows an empty source in place of stdin", async () => {
  const stdin = JSON.stringify(cmd("cat"));
  const sources = [];
  for (const flags of [[], ["-n"]]) {
    sources.push((await execvm(["plan", ...flags, "-"], { stdin })).stdout.split("\n")[0]);
  }
  assert.deepEqual(sources, ["stdin()", "empty()"]);
});

Deno.test("plan --json prints the same plan as JSON", async () => {
  const { stdout } = await execvm(["plan", "--json", "-"], { stdin: PIPELINE });
  assert.deepEqual(JSON.parse(stdout).stages[0].argv, ["wc", "-l"]);
});

Deno.test("plan --schema prints the JSON Schema of pipelines", async () => {
  const schema = JSON.parse((await execvm(["plan", "--schema"])).stdout);
  assert.match(schema.$schema, /json-schema\.org/);
});
