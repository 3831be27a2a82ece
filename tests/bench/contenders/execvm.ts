// execvm, through its public module.

import { cmd, discard, type RunOptions, tar } from "../../../mod.ts";
import type { Jobs } from "./jobs.ts";

export const jobs: Jobs = {
  throughput: (bytes) =>
    cmd("head", "-c", bytes, "/dev/zero").pipe(cmd("cat")).pipe(cmd("wc", "-c")).text(),
  spawn: () => startTrue({}),
  spawnInherit: () => startTrue({ stderr: "inherit" }),
  echo: () => cmd("echo", "x").text(),
  async tar(directory) {
    const { stages } = await tar(".", { directory }).pipe(cmd("cat")).to(discard()).run();
    return String(stages[0]?.bytesIn);
  },
};

async function startTrue(options: RunOptions): Promise<string> {
  return String((await cmd("true").run(options)).code);
}
