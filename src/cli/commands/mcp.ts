// `execvm mcp`: runs the MCP server.

import { folderFault } from "../../host/fault.ts";
import { POLICY_DEFAULTS } from "../../mcp/policy.ts";
import { UsageError } from "../../model/errors.ts";
import { signalCode, untilSignalled } from "../frame/cancellation.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { loadServer } from "./mcp_server.ts";

interface McpFlags {
  readonly maxTimeout?: number;
  readonly maxMemory?: number;
  readonly maxOutput?: number;
  readonly maxRuns?: number;
  readonly allowRunner?: readonly string[];
  readonly files?: string;
  readonly verbose?: boolean;
}

/** Runs `execvm mcp`: serves the client on stdio until it disconnects. */
export const mcp = withErrorReport(async (_context, flags: McpFlags) => {
  const { maxTimeout, maxMemory, maxOutput, maxRuns, allowRunner = [], files } = flags;
  using told = untilSignalled();
  const { serve } = await loadServer();
  await serve({
    maxTimeoutMs: maxTimeout ?? POLICY_DEFAULTS.maxTimeoutMs,
    maxMemoryMib: maxMemory ?? POLICY_DEFAULTS.maxMemoryMib,
    maxOutputBytes: maxOutput === undefined ? POLICY_DEFAULTS.maxOutputBytes : maxOutput * 2 ** 20,
    maxRuns: maxRuns ?? POLICY_DEFAULTS.maxRuns,
    runners: allowRunner,
    files: files === undefined ? undefined : await folderOf(files),
  }, told.signal);
  return signalCode(told.signal) ?? 0;
});

/** @throws {UsageError} if it is not a folder. */
async function folderOf(path: string): Promise<string> {
  try {
    if ((await Deno.stat(path)).isDirectory) return await Deno.realPath(path);
  } catch (error) {
    throw new UsageError(`cannot give clients ${JSON.stringify(path)}: ${folderFault(error)}`);
  }
  throw new UsageError(`cannot give clients ${JSON.stringify(path)}: it is not a folder`);
}
