// The cost of a virtual machine: cold, as the first one of a process, with each kind of kernel that
// available for this machine.

import { cmd, discard, stream, vm } from "../../../mod.ts";
import { type Kernel, listKernels } from "../../../src/kernels/find.ts";
import { HOST_ARCH } from "../../../src/machine/architectures.ts";
import type { Contender } from "../measure.ts";
import type { Row } from "../row.ts";
import type { Sizes } from "./sizes.ts";

const MIB = 1 << 20;
const STREAM_MIB = 256;

/** Returns the rows for virtual machines; none without a kernel (execvm kernel fetch) and QEMU. */
export async function vmRows({ memoryRounds: rounds }: Sizes): Promise<Row[]> {
  const kernels = preferredOfEachOrigin(await listKernels(HOST_ARCH));
  const best = kernels[0];
  if (best === undefined || !await hasQemu()) return [];
  const docker = await dockerContender();
  const machines = kernels.map((kernel) => `vm, ${kernel.origin} kernel`);
  return [
    {
      name: "vm-cold",
      title: "a command in a machine that boots for it: true, to its end",
      unit: "ms",
      rounds,
      baseline: machines[0]!,
      contenders: [...kernels.map((kernel, index) => cold(machines[index]!, kernel)), ...docker],
      targets: [{ contender: machines[0]!, limit: { atMost: 3000 } }],
    },
    {
      name: "vm-first-byte",
      title: "until the first byte of echo in a machine that boots for it",
      unit: "ms",
      rounds,
      baseline: machines[0]!,
      contenders: kernels.map((kernel, index) => firstByte(machines[index]!, kernel)),
      targets: [],
    },
    {
      name: "vm-stream",
      title: `${STREAM_MIB} MiB into and out of a machine, less its boot`,
      unit: "MB/s",
      rounds,
      baseline: "in",
      contenders: [streamed("in", best), streamed("out", best)],
      targets: ["in", "out"].map((contender) => ({ contender, limit: { atLeast: 100 } })),
    },
  ];
}

/** Names each contender after the origin of its kernel. */
function preferredOfEachOrigin(kernels: readonly Kernel[]): Kernel[] {
  return [...new Map(kernels.toReversed().map((kernel) => [kernel.origin, kernel])).values()]
    .toReversed();
}

function machine({ image }: Kernel) {
  return vm({ kernel: image, accel: "tcg", template: false });
}

function cold(name: string, kernel: Kernel): Contender {
  return { name, measure: () => timed(() => machine(kernel).cmd("true").run()) };
}

function firstByte(name: string, kernel: Kernel): Contender {
  return {
    name,
    async measure() {
      const started = performance.now();
      const { promise: arrived, resolve } = Promise.withResolvers<void>();
      const sink = new WritableStream<Uint8Array>({ write: () => resolve() });
      const run = machine(kernel).cmd("echo").to(stream(sink)).run();
      await Promise.race([arrived, run]);
      const taken = performance.now() - started;
      await run;
      return taken;
    },
  };
}

function streamed(name: "in" | "out", kernel: Kernel): Contender {
  const dd = (...args: string[]) => machine(kernel).cmd("dd", "bs=1M", "status=none", ...args);
  const into = () => stream(zeros()).pipe(dd("of=/dev/null")).to(discard());
  const outOf = () => dd("if=/dev/zero", `count=${STREAM_MIB}`).to(discard());
  return {
    name,
    async measure() {
      const boot = await timed(() => machine(kernel).cmd("true").run());
      const pipeline = name === "in" ? into() : outOf();
      const whole = await timed(() => pipeline.run());
      return STREAM_MIB * MIB / 1e3 / Math.max(whole - boot, 1);
    },
  };
}

/** Docker with a busybox image, if both are available. */
async function dockerContender(): Promise<Contender[]> {
  const inspect = cmd("docker", "image", "inspect", "busybox").stderr(discard()).to(discard());
  const { ok } = await inspect.run({ check: false });
  if (!ok) return [];
  const docker = cmd("docker", "run", "-i", "--rm", "--network", "none", "busybox", "true");
  return [{ name: "docker run", measure: () => timed(() => docker.run()) }];
}

async function hasQemu(): Promise<boolean> {
  return (await cmd("qemu-system-x86_64", "--version").to(discard()).run({ check: false })).ok;
}

function zeros(): ReadableStream<Uint8Array> {
  const chunk = new Uint8Array(MIB);
  let left = STREAM_MIB;
  return new ReadableStream({
    pull: (controller) => left-- > 0 ? controller.enqueue(chunk) : controller.close(),
  }, { highWaterMark: 0 });
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}
