// The cost of a fresh machine per command, compared with a fresh container of the same busybox.

import { cmd, type Runner, stream, vm } from "../../../mod.ts";
import { findKernel } from "../../../src/kernels/find.ts";
import { DOCKER, IMAGE, startEngine } from "../../support/docker.ts";
import { isInstalled } from "../../support/tools.ts";
import { PLAIN, PLAIN_ARGS, streamed, throughPlain } from "../container.ts";
import type { Contender } from "../measure.ts";
import { memoryOf, qemuProcesses } from "../qemu_memory.ts";
import type { Row } from "../row.ts";
import { DENO_RUN, outputOf, requireOutput } from "../run_child.ts";
import type { Sizes } from "./sizes.ts";

const MAIN = new URL("../../../src/cli/main.ts", import.meta.url).pathname;
const MIB = 1 << 20;
const STREAM_BYTES = 64 * MIB;
const STAGES = 4;
const POOL = 4;
const ALIVE = 24;

const EXECVM_ARGS = [...DENO_RUN, MAIN, "run", "-r", "vm", "--accel", "tcg", "--"];

/**
 * Returns the rows for clones; none without a kernel (execvm kernel fetch), QEMU and the tests'
 * Docker engine.
 */
export async function cloneRows({ cloneRounds: rounds, memoryRounds }: Sizes): Promise<Row[]> {
  const hasAll = isInstalled(DOCKER) && isInstalled("qemu-system-x86_64") &&
    await findKernel() !== undefined;
  if (!hasAll) return [];
  const common = { unit: "ms", rounds, baseline: PLAIN, prepare } as const;
  return [
    {
      ...common,
      name: "clone-cli",
      title: "a whole process: execvm run -r vm -- true",
      contenders: [
        plain("true"),
        timed("execvm run", () => outputOf(Deno.execPath(), [...EXECVM_ARGS, "true"])),
      ],
      targets: [{ contender: "execvm run", against: PLAIN, limit: { atMost: 1.2 } }],
    },
    {
      ...common,
      name: "clone-command",
      title: "a command in a fresh machine, within a script: true, to its end",
      contenders: [plain("true"), command("vm()", clone), command(`vm({ pool: ${POOL} })`, pooled)],
      targets: [
        { contender: "vm()", against: PLAIN, limit: { atMost: 0.8 } },
        { contender: `vm({ pool: ${POOL} })`, against: PLAIN, limit: { atMost: 0.2 } },
      ],
    },
    {
      ...common,
      name: "clone-pipeline",
      title: `${STAGES} stages, each in a fresh machine: echo | cat | cat | cat`,
      contenders: [timed(PLAIN, pipedPlain), timed("vm()", piped)],
      targets: [{ contender: "vm()", against: PLAIN, limit: { atMost: 0.8 } }],
    },
    {
      ...common,
      unit: "MB/s",
      name: "clone-stream",
      title: `${STREAM_BYTES / MIB} MiB into and out of a machine: head | cat in it | wc`,
      contenders: [
        streamed(PLAIN, STREAM_BYTES, throughPlain),
        streamed("vm()", STREAM_BYTES, streamVm),
      ],
      targets: [{ contender: "vm()", against: PLAIN, limit: { atLeast: 2 } }],
    },
    {
      ...common,
      unit: "MiB",
      name: "clone-memory",
      title: `private memory of each of ${ALIVE} machines that run at once`,
      rounds: memoryRounds,
      baseline: "vm()",
      contenders: [{ name: "vm()", measure: memoryOfEach }],
      targets: [{ contender: "vm()", limit: { atMost: 60 } }],
    },
    phaseRow(rounds),
  ];
}

/** A row with the time of one clone by phase, in milliseconds. */
function phaseRow(rounds: number): Row {
  const phases = ["cloning", "starting", "running", "ended", "gone"] as const;
  return {
    name: "clone-phases",
    title: "time of one clone by phase: from the start of the run to the start of each phase",
    unit: "ms",
    rounds,
    baseline: "gone",
    contenders: phases.map((phase) => ({ name: phase, measure: () => untilPhase(phase) })),
    targets: [],
  };
}

async function untilPhase(wanted: string): Promise<number> {
  const started = performance.now();
  let ms = NaN;
  const note = (phase: string) => {
    if (phase === wanted) ms = performance.now() - started;
  };
  await clone().cmd("true").run({
    onEvent: (event) => note(event.type === "phase" ? event.phase : `${event.type}ed`),
  });
  note("gone");
  return ms;
}

let pool: Runner | undefined;

function clone(): Runner {
  return vm({ accel: "tcg" });
}

function pooled(): Runner {
  pool ??= vm({ accel: "tcg", pool: POOL });
  return pool;
}

/** Makes the template, and starts the Docker engine. */
async function prepare(): Promise<void> {
  await startEngine();
  await clone().cmd("true").run();
}

function timed(name: string, run: () => Promise<unknown>): Contender {
  return {
    name,
    async measure() {
      const started = performance.now();
      await run();
      return performance.now() - started;
    },
  };
}

function plain(...argv: string[]): Contender {
  return timed(PLAIN, () => outputOf("docker", [...PLAIN_ARGS, ...argv]));
}

function command(name: string, runner: () => Runner): Contender {
  return timed(name, () => runner().cmd("true").run());
}

async function pipedPlain(): Promise<void> {
  const stage = 'docker run -i --rm --network none "$1"';
  const script = `${stage} echo x ${`| ${stage} cat`.repeat(STAGES - 1)}`;
  requireOutput(PLAIN, await outputOf("sh", ["-c", script, "sh", IMAGE]), "x\n");
}

async function piped(): Promise<void> {
  const cats = Array.from({ length: STAGES - 1 }, () => clone().cmd("cat"));
  const pipeline = cats.reduce<{ pipe: (next: typeof cats[0]) => unknown }>(
    (before, next) => before.pipe(next) as typeof before,
    clone().cmd("echo", "x"),
  );
  requireOutput("vm()", await (pipeline as ReturnType<typeof cmd>).text(), "x");
}

function streamVm(): Promise<string> {
  return cmd("head", "-c", `${STREAM_BYTES}`, "/dev/zero").pipe(clone().cmd("cat"))
    .pipe(cmd("wc", "-c")).text();
}

/**
 * Starts many machines, waits for output from each, and returns the mean of QEMU's memory in MiB.
 */
async function memoryOfEach(): Promise<number> {
  const others = qemuProcesses(); // the machines of the pool
  const ending = new AbortController();
  const spoken: Promise<void>[] = [];
  const running = Array.from({ length: ALIVE }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    spoken.push(promise);
    const sink = new WritableStream<Uint8Array>({ write: () => resolve() });
    const command = clone().cmd("sh", "-c", "echo; exec sleep 1000").to(stream(sink));
    return command.run({ signal: ending.signal, check: false }).catch(() => {});
  });
  await Promise.all(spoken);
  const bytes = qemuProcesses().filter((pid) => !others.includes(pid)).map(memoryOf);
  ending.abort();
  await Promise.all(running);
  if (bytes.length !== ALIVE) {
    throw new Error(`cannot measure ${bytes.length} machines: ${ALIVE} are expected`);
  }
  return bytes.reduce((sum, each) => sum + each, 0) / bytes.length / MIB;
}
