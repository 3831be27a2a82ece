// What a container costs, beside plain `docker run`.

import { cmd, docker } from "../../../mod.ts";
import { DOCKER, IMAGE, startEngine } from "../../support/docker.ts";
import { isInstalled } from "../../support/tools.ts";
import type { Contender } from "../measure.ts";
import type { Row } from "../row.ts";
import { outputOf, requireOutput } from "../run_child.ts";
import type { Sizes } from "./sizes.ts";

const MIB = 1 << 20;
const STREAM_MIB = 64;
const STREAM_BYTES = STREAM_MIB * MIB;

const PLAIN = "docker run -i --rm";

/** As a user would write it; the engine of the tests has no other network. */
const PLAIN_ARGS = ["run", "-i", "--rm", "--network", "none", IMAGE] as const;

/** Rows for containers: none where the engine of the tests cannot be started. */
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
      contenders: [streamed(PLAIN, throughPlain), streamed("execvm", throughExecvm)],
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

function streamed(name: string, run: () => Promise<string>): Contender {
  return {
    name,
    async measure() {
      const started = performance.now();
      const output = await run();
      const ms = performance.now() - started;
      requireOutput(name, output.trim(), `${STREAM_BYTES}`);
      return STREAM_BYTES / 1e3 / ms;
    },
  };
}

function throughPlain(): Promise<string> {
  const script = 'head -c "$1" /dev/zero | { shift; docker "$@"; } | wc -c';
  return outputOf("sh", ["-c", script, "sh", `${STREAM_BYTES}`, ...PLAIN_ARGS, "cat"]);
}

function throughExecvm(): Promise<string> {
  return cmd("head", "-c", `${STREAM_BYTES}`, "/dev/zero")
    .pipe(docker({ image: IMAGE }).cmd("cat")).pipe(cmd("wc", "-c")).text();
}
