// Loads the server of `execvm mcp`. It is imported by a computed URL, as Deno would otherwise
// resolve the many packages of its SDK at each start of any subcommand. An executable of one file,
// which has no such URLs, bundles it (carry_mcp.ts).

import type { Policy } from "../../mcp/policy.ts";

/** The exports of `src/mcp/serve.ts`. */
export interface ServerModule {
  serve(policy: Policy, signal: AbortSignal): Promise<void>;
}

let load = (): Promise<ServerModule> => import(import.meta.resolve("../../mcp/serve.ts"));

/** Sets how the server is loaded, for an executable that bundles it. */
export function carryServer(loader: () => Promise<ServerModule>): void {
  load = loader;
}

/** Loads the server. */
export async function loadServer(): Promise<ServerModule> {
  return await load();
}
