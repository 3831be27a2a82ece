// `Deno.Command`, the baseline for everything that runs in Deno.

import type { Jobs } from "./jobs.ts";

export const jobs: Jobs = {
  /** Does nothing: measures the memory of Deno itself. */
  nothing: () => Promise.resolve(""),
  spawn: () => startTrue({}),
  spawnInherit: () => startTrue({ stdout: "inherit", stderr: "inherit" }),
  /** Does what execvm does by default: stdout is inherited, stderr passes through JS. */
  spawnForward: () => startTrue({ stdout: "inherit", stderr: "piped" }),
  async echo() {
    const { stdout } = await new Deno.Command("echo", { args: ["x"] }).output();
    return new TextDecoder().decode(stdout).trimEnd();
  },
};

async function startTrue(options: Deno.CommandOptions): Promise<string> {
  return String((await new Deno.Command("true", options).output()).code);
}
