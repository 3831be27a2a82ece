// execa. Without `buffer: false` it would buffer what passes between stages, up to a limit.

import { execa } from "npm:execa@10.2.1";
import type { Jobs } from "./jobs.ts";

const PASSING = { buffer: false } as const;

export const jobs: Jobs = {
  async throughput(bytes) {
    const { stdout } = await execa("head", ["-c", bytes, "/dev/zero"], PASSING)
      .pipe("cat", PASSING)
      .pipe("wc", ["-c"]);
    return String(stdout);
  },
  spawn: async () => String((await execa("true")).exitCode),
  echo: async () => (await execa("echo", ["x"])).stdout,
};
