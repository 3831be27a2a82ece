// Where the server of `execvm mcp` comes from. It is loaded by its place, as Deno would otherwise look for the many
// packages of its SDK at each start of whatever subcommand; where there are no places, in one file, it is carried.

import type { Policy } from "../../mcp/policy.ts";

/** What `src/mcp/serve.ts` is. */
export interface ServerModule {
  serve(policy: Policy, signal: AbortSignal): Promise<void>;
}

let load = (): Promise<ServerModule> => import(import.meta.resolve("../../mcp/serve.ts"));

/** Has the server loaded so. */
export function carryServer(loader: () => Promise<ServerModule>): void {
  load = loader;
}

/** Loads the server. */
export async function loadServer(): Promise<ServerModule> {
  return await load();
}
