// The throughput of a pipeline of three processes.

import type { Contender } from "../measure.ts";
import type { Row } from "../row.ts";
import { outputOf, requireOutput, runChild } from "../run_child.ts";
import { inMib, type Sizes } from "./sizes.ts";

/** Bytes through `head | cat | wc`. */
export function throughputRow({ rounds, throughputBytes, slowThroughputBytes }: Sizes): Row {
  const small = inMib(slowThroughputBytes);
  return {
    name: "throughput",
    title: `${inMib(throughputBytes)} through head -c /dev/zero | cat | wc -c`,
    unit: "GB/s",
    rounds,
    baseline: "sh",
    contenders: [
      shell(throughputBytes),
      child("execvm", "execvm", throughputBytes),
      child("execa", "execa", throughputBytes),
      child(`zx (${small})`, "zx", slowThroughputBytes),
      child(`dax (${small})`, "dax", slowThroughputBytes),
    ],
    targets: [{ contender: "execvm", against: "sh", limit: { atLeast: 0.95 } }],
  };
}

function child(name: string, contender: string, bytes: number): Contender {
  const job = { contender, job: "throughput", arg: `${bytes}`, expected: `${bytes}` };
  return { name, measure: async () => gigabytesPerSecond(bytes, (await runChild(job)).meanMs) };
}

function shell(bytes: number): Contender {
  const script = 'head -c "$1" /dev/zero | cat | wc -c';
  return {
    name: "sh",
    async measure() {
      const started = performance.now();
      const output = await outputOf("sh", ["-c", script, "sh", `${bytes}`]);
      const ms = performance.now() - started;
      requireOutput("sh", output.trim(), `${bytes}`);
      return gigabytesPerSecond(bytes, ms);
    },
  };
}

function gigabytesPerSecond(bytes: number, ms: number): number {
  return bytes / 1e6 / ms;
}
