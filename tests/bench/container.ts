// The peer for containers and machines: plain `docker run`, as a user would write it.

import { IMAGE } from "../support/docker.ts";
import type { Contender } from "./measure.ts";
import { outputOf, requireOutput } from "./run_child.ts";

/** Its name in the rows. */
export const PLAIN = "docker run -i --rm";

/** Its arguments; the engine of the tests has no other network. */
export const PLAIN_ARGS: readonly string[] = ["run", "-i", "--rm", "--network", "none", IMAGE];

/** Sends `bytes` bytes into and out of a container, and returns how many came out. */
export function throughPlain(bytes: number): Promise<string> {
  const script = 'head -c "$1" /dev/zero | { shift; docker "$@"; } | wc -c';
  return outputOf("sh", ["-c", script, "sh", `${bytes}`, ...PLAIN_ARGS, "cat"]);
}

/** The throughput, in MB/s, of `run`, which moves bytes and returns how many came out. */
export function streamed(
  name: string,
  bytes: number,
  run: (bytes: number) => Promise<string>,
): Contender {
  return {
    name,
    async measure() {
      const started = performance.now();
      const output = await run(bytes);
      const ms = performance.now() - started;
      requireOutput(name, output.trim(), `${bytes}`);
      return bytes / 1e3 / ms;
    },
  };
}
