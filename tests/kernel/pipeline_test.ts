import assert from "node:assert/strict";
import { CommandError, fromJSON } from "../../mod.ts";
import { type KernelJob, kernelPipeline } from "../../kernel/pipeline.ts";
import { needs } from "../support/tools.ts";
import { buildTree, JOB } from "./tree.ts";

Deno.test("kernelPipeline() is data: it has a JSON form, and every word of it is fixed", () => {
  const pipeline = kernelPipeline(JOB);
  assert.deepEqual(fromJSON(JSON.parse(JSON.stringify(pipeline))).toJSON(), pipeline.toJSON());
  const [stage] = pipeline.description.stages;
  assert.ok(stage?.type === "chain");
  const programs = stage.commands.map(([program, , , , , , real]) =>
    program === "sh" ? real : program
  );
  assert.deepEqual(programs, ["mkdir", "tar", "tar", "make", "awk", "make", "cat"]);
  const shells = stage.commands.filter(([program]) => program === "sh").map((argv) => argv[2]);
  assert.equal(new Set(shells).size, 1); // a constant: what varies is in its arguments
  assert.ok(stage.commands.at(-2)!.includes("-j3"));
});

Deno.test("kernelPipeline() names the architecture and the compiler if they are not the host's", () => {
  const environment = (job: Partial<KernelJob>) => {
    const [stage] = kernelPipeline({ ...JOB, ...job }).description.stages;
    assert.ok(stage?.type === "chain");
    return [stage.env["ARCH"], stage.env["CROSS_COMPILE"], stage.commands.at(-1)!.at(-1)];
  };
  assert.deepEqual(environment({ arch: "aarch64", cross: "aarch64-linux-gnu-" }), [
    "arm64",
    "aarch64-linux-gnu-",
    "/there/work/linux/arch/arm64/boot/Image",
  ]);
  assert.deepEqual(environment({}).slice(0, 2), [undefined, undefined]);
});

Deno.test({
  ...needs("the pipeline outputs the image alone, and reports its steps", "make", "tar"),
  async fn() {
    const { image, steps } = await buildTree("CONFIG_A=y\n");
    assert.equal(image, "image of execvm at some day");
    assert.deepEqual(steps, ["unpacking the source", "configuring", "checking", "compiling"]);
  },
});

Deno.test({
  ...needs("an option that the source lacks fails the build before it compiles", "make"),
  async fn() {
    const { image, log } = await buildTree(
      "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_IMPOSSIBLE=y\n",
    );
    assert.ok(image instanceof CommandError);
    assert.equal(log.step, "checking");
    assert.match(log.tail, /^not possible in this source: CONFIG_IMPOSSIBLE=y$/m);
  },
});

Deno.test({
  ...needs("a build that fails reports its step and its last lines", "make"),
  async fn() {
    const { image, log } = await buildTree("CONFIG_BROKEN=y\n");
    assert.ok(image instanceof CommandError);
    assert.equal(log.step, "compiling");
    assert.match(log.tail, /make: \*\*\* \[Makefile:\d+: bzImage\] Error 1/);
  },
});
