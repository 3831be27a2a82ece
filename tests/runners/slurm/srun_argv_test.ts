import assert from "node:assert/strict";
import { chain, cmd, slurm, type SlurmOptions } from "../../../mod.ts";
import { sallocArgv } from "../../../src/runners/slurm/srun_argv.ts";

function planned(options: SlurmOptions, command = cmd("true")): readonly string[] {
  return slurm(options).argv(command.node);
}

/** Returns the flags of srun, without the program for the node. */
function flags(options: SlurmOptions): string {
  const argv = planned(options);
  return argv.slice(0, argv.indexOf("--")).join(" ");
}

const OURS = "srun -v --export=ALL --chdir=/ --mpi=none";
const STREAMS = "--nodes=1 --ntasks=1 --unbuffered --error=/dev/fd/3 --open-mode=append";

Deno.test("slurm() requests a job of one task, with stderr apart from srun's own messages", () => {
  assert.equal(flags({}), `${OURS} --job-name=NAME ${STREAMS}`);
});

Deno.test("options become options of the job, including the user's others", () => {
  const options = { partition: "p", account: "a", cpus: 4, memoryMib: 2048, timeLimit: "1:00" };
  const more = { constraint: "gpu&ib", options: { qos: "high", exclusive: "" } };
  const asked = "--partition=p --account=a --cpus-per-task=4 --mem=2048M --time=1:00 " +
    "--constraint=gpu&ib --qos=high --exclusive";
  assert.equal(flags({ ...options, ...more }), `${OURS} --job-name=NAME ${asked} ${STREAMS}`);
});

Deno.test("in an existing job a step shares its resources", () => {
  assert.equal(flags({ job: "7", cpus: 4 }), `${OURS} --jobid=7 --overlap ${STREAMS}`);
});

Deno.test("a terminal is provided by srun", () => {
  assert.equal(flags({ tty: true }), `${OURS} --job-name=NAME --nodes=1 --ntasks=1 --pty`);
});

Deno.test("the node gets a constant program, and the command as its arguments", () => {
  const command = cmd("wc", "it's").env({ A: "b,c\n" }).cwd("/tmp");
  const tail = ["sh", "relayed", "/tmp", Deno.cwd(), "env", "--", "A=b,c\n", "wc", "it's"];
  assert.deepEqual(planned({}, command).slice(-tail.length), tail);
});

Deno.test("a relative folder is relative to our working directory", () => {
  assert.deepEqual(planned({}, cmd("true").cwd("x")).at(-3), `${Deno.cwd()}/x`);
});

Deno.test("a chain is planned as the node runs it", () => {
  const argv = slurm({ chain: "/bin/execvm" }).argv(chain(["a"], ["b"]).node);
  assert.deepEqual(argv.slice(-6), ["/bin/execvm", "chain", "--", "a", "--", "b"]);
});

Deno.test("sallocArgv() requests memory per processor, for any distribution over the nodes", () => {
  const argv = sallocArgv({ cpus: 4, memoryMib: 1001, options: {} }, "NAME", 3);
  assert.equal(
    argv.join(" "),
    "salloc --job-name=NAME --cpus-per-task=4 --mem-per-cpu=251M --ntasks=3",
  );
});

const WRONG: readonly (readonly [unknown, RegExp])[] = [
  [{ job: "--x" }, /the Slurm job "--x": that is not a job id/],
  [{ options: { "a b": "c" } }, /"a b": it is not name=value/],
  [{ options: { qos: 1 } }, /"qos": it is not name=value/],
  [{ options: { output: "x" } }, /"output": execvm sets that itself/],
];

for (const [options, message] of WRONG) {
  Deno.test(`slurm() refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => slurm(options as SlurmOptions), { name: "TypeError", message });
  });
}

Deno.test("slurm() accepts Infinity as no limit of the time in the queue", () => {
  assert.equal(slurm({ queueTimeoutMs: Infinity }).waitMs, Infinity);
});
