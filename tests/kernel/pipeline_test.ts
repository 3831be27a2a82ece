import assert from "node:assert/strict";
import { CommandError, file, fromJSON, stream, tar } from "../../mod.ts";
import { BuildLog } from "../../kernel/build_log.ts";
import { type KernelJob, kernelPipeline } from "../../kernel/pipeline.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

const JOB: KernelJob = {
  arch: "x86_64",
  source: "/here/linux.tar.xz",
  config: "/here/it.config",
  workDir: "/there/work",
  jobs: 3,
  date: "some day",
};

/** A tree that builds as Linux does, as far as the pipeline can tell. */
const MAKEFILE = `
allnoconfig:
	grep CONFIG_ $(KCONFIG_ALLCONFIG) | grep -v IMPOSSIBLE > .config
bzImage:
	@echo "  CC      fs/open.o"
	@mkdir -p arch/x86/boot
	@echo "image of $$KBUILD_BUILD_USER at $$KBUILD_BUILD_TIMESTAMP" > arch/x86/boot/bzImage
	@! grep BROKEN .config
`;

/** Runs the job with a tree of our own; the image, and what the log says. */
async function build(config: string) {
  using folder = tempDir();
  Deno.mkdirSync(`${folder.path}/linux-0.1`);
  Deno.writeTextFileSync(`${folder.path}/linux-0.1/Makefile`, MAKEFILE);
  const source = `${folder.path}/source.tar.gz`;
  await tar("linux-0.1", { directory: folder.path, compress: "gzip" }).to(file(source)).run();
  Deno.writeTextFileSync(`${folder.path}/it.config`, config);
  const steps: string[] = [];
  const log = new BuildLog((step) => steps.push(step));
  const workDir = `${folder.path}/work`;
  const job = { ...JOB, source, config: `${folder.path}/it.config`, workDir };
  const image = await kernelPipeline({ ...job, log: stream(log.writable) }).text()
    .catch((error) => error);
  return { image, steps: [...new Set(steps)], log };
}

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
  assert.equal(new Set(shells).size, 1); // a constant: what changes is in its arguments
  assert.ok(stage.commands.at(-2)!.includes("-j3"));
});

Deno.test({
  ...needs("the pipeline gives the image alone, and tells its steps", "make", "tar"),
  async fn() {
    const { image, steps } = await build("CONFIG_A=y\n");
    assert.equal(image, "image of execvm at some day");
    assert.deepEqual(steps, ["unpacking the source", "configuring", "checking", "compiling"]);
  },
});

Deno.test({
  ...needs("an option that the source does not have fails before it compiles", "make"),
  async fn() {
    const { image, log } = await build("CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_IMPOSSIBLE=y\n");
    assert.ok(image instanceof CommandError);
    assert.equal(log.step, "checking");
    assert.match(log.tail, /^not possible in this source: CONFIG_IMPOSSIBLE=y$/m);
  },
});

Deno.test({
  ...needs("a build that fails says where, with its last lines", "make"),
  async fn() {
    const { image, log } = await build("CONFIG_BROKEN=y\n");
    assert.ok(image instanceof CommandError);
    assert.equal(log.step, "compiling");
    assert.match(log.tail, /make: \*\*\* \[Makefile:\d+: bzImage\] Error 1/);
  },
});
