// The peak memory of a process that does what other rows measure.

import type { Contender } from "../measure.ts";
import type { Row } from "../row.ts";
import { type ChildJob, runChild } from "../run_child.ts";
import { inMib, type Sizes } from "./sizes.ts";
import type { TarFixture } from "./tar_fixture.ts";

const LIMIT = { atMost: 150 };
const NOTHING = memoryOf("deno, doing nothing", {
  contender: "deno",
  job: "nothing",
  expected: "",
});

/** Returns a row for each job. */
export function memoryRows(sizes: Sizes, fixture: TarFixture): Row[] {
  const common = { unit: "MiB", rounds: sizes.memoryRounds, baseline: NOTHING.name } as const;
  return [
    {
      ...common,
      name: "memory-throughput",
      title: `the peak of ${inMib(sizes.throughputBytes)} through three processes`,
      contenders: [NOTHING, ...throughput(sizes)],
      targets: [{ contender: "execvm", limit: LIMIT }],
    },
    {
      ...common,
      name: "memory-spawn",
      title: `the peak of starting true ${sizes.spawns} times`,
      contenders: [NOTHING, ...spawn(sizes)],
      targets: [{ contender: "execvm", limit: LIMIT }],
    },
    {
      ...common,
      name: "memory-tar",
      title: "the peak of packing",
      contenders: [NOTHING, ...packing(fixture)],
      targets: packing(fixture).map(({ name }) => ({ contender: name, limit: LIMIT })),
      prepare: async () => {
        await fixture.makeFile();
        await fixture.makeTree();
      },
    },
  ];
}

function throughput({ throughputBytes, slowThroughputBytes }: Sizes): Contender[] {
  const job = (name: string, contender: string, bytes: number) =>
    memoryOf(name, { contender, job: "throughput", arg: `${bytes}`, expected: `${bytes}` });
  const small = inMib(slowThroughputBytes);
  return [
    job("execvm", "execvm", throughputBytes),
    job("execa", "execa", throughputBytes),
    job(`zx (${small})`, "zx", slowThroughputBytes),
    job(`dax (${small})`, "dax", slowThroughputBytes),
  ];
}

function spawn({ spawns }: Sizes): Contender[] {
  return [["Deno.Command", "deno"], ...["execvm", "execa", "zx", "dax"].map((name) => [name, name])]
    .map(([name, contender]) =>
      memoryOf(name!, { contender: contender!, job: "spawn", count: spawns, expected: "0" })
    );
}

function packing({ file, tree }: TarFixture): Contender[] {
  return Object.entries({ file, tree }).map(([what, { path, archiveBytes }]) =>
    memoryOf(`execvm, ${what}`, {
      contender: "execvm",
      job: "tar",
      arg: path,
      expected: `${archiveBytes}`,
    })
  );
}

function memoryOf(name: string, job: ChildJob): Contender {
  return { name, measure: async () => (await runChild(job)).peakMib };
}
