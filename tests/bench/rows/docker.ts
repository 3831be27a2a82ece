// The cost of a container, compared with plain `docker run`.

import { cmd, docker } from "../../../mod.ts";
import { DOCKER, IMAGE, startEngine } from "../../support/docker.ts";
import { isInstalled } from "../../support/tools.ts";
import { PLAIN, PLAIN_ARGS, streamed, throughPlain } from "../container.ts";
import type { Contender } from "../measure.ts";
import type { Row } from "../row.ts";
import { outputOf, requireOutput } from "../run_child.ts";
import type { Sizes } from "./sizes.ts";

const MIB = 1 << 20;
const STREAM_MIB = 64;
const STREAM_BYTES = STREAM_MIB * MIB;

/** Returns the rows for containers; none if the tests' Docker engine cannot be started. */
export function dockerRows({ rounds }: Sizes): Row[] {
  if (!isInstalled(DOCKER)) return [];
  const common = { rounds, baseline: PLAIN, prepare: startEngine } as const;
  return [
    {
      ...common,
      name: "docker-command",
      title: "a command in a container: echo x, to its end",
      unit: "ms",
      contenders: [
        command(PLAIN, () => outputOf("docker", [...PLAIN_ARGS, "echo", "x"])),
        command(
          "execvm",
          async () => `${await docker({ image: IMAGE }).cmd("echo", "x").text()}\n`,
        ),
      ],
      targets: [{ contender: "execvm", against: PLAIN, limit: { atMost: 1.15 } }],
    },
    {
      ...common,
      name: "docker-stream",
      title: `${STREAM_MIB} MiB into and out of a container: head | cat in it | wc`,
      unit: "MB/s",
      contenders: [
        streamed(PLAIN, STREAM_BYTES, throughPlain),
        streamed("execvm", STREAM_BYTES, throughExecvm),
      ],
      targets: [{ contender: "execvm", against: PLAIN, limit: { atLeast: 0.95 } }],
    },
  ];
}

function command(name: string, run: () => Promise<string>): Contender {
  return {
    name,
    async measure() {
      const started = performance.now();
      const output = await run();
      const ms = performance.now() - started;
      requireOutput(name, output, "x\n");
      return ms;
    },
  };
}

function throughExecvm(): Promise<string> {
  return cmd("head", "-c", `${STREAM_BYTES}`, "/dev/zero")
    .pipe(docker({ image: IMAGE }).cmd("cat")).pipe(cmd("wc", "-c")).text();
}
