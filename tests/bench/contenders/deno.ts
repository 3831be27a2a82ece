// Deno's own way to start processes, which all that runs in Deno is measured by.

import type { Jobs } from "./jobs.ts";

export const jobs: Jobs = {
  /** For the memory that Deno itself takes. */
  nothing: () => Promise.resolve(""),
  spawn: () => startTrue({}),
  spawnInherit: () => startTrue({ stdout: "inherit", stderr: "inherit" }),
  /** What execvm does unless told otherwise: stdout is ours, stderr passes through JS. */
  spawnForward: () => startTrue({ stdout: "inherit", stderr: "piped" }),
  async echo() {
    const { stdout } = await new Deno.Command("echo", { args: ["x"] }).output();
    return new TextDecoder().decode(stdout).trimEnd();
  },
};

async function startTrue(options: Deno.CommandOptions): Promise<string> {
  return String((await new Deno.Command("true", options).output()).code);
}
