// `execvm mcp`: runs the MCP server.

import { folderFault } from "../../host/fault.ts";
import { type Policy, POLICY_DEFAULTS } from "../../mcp/policy.ts";
import { UsageError } from "../../model/errors.ts";
import { signalCode, untilSignalled } from "../frame/cancellation.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { parseAllowedImage, parseAllowedOption } from "./allowed_option.ts";
import { loadServer } from "./mcp_server.ts";

interface McpFlags {
  readonly maxTimeout?: number;
  readonly maxMemory?: number;
  readonly maxOutput?: number;
  readonly maxRuns?: number;
  readonly maxQueue?: number;
  readonly maxPrepare?: number;
  readonly allowRunner?: readonly string[];
  readonly allowOption?: readonly string[];
  readonly allowImage?: readonly string[];
  readonly files?: string;
  readonly verbose?: boolean;
}

/** Runs `execvm mcp`: serves the client on stdio until it disconnects. */
export const mcp = withErrorReport(async (_context, flags: McpFlags) => {
  const policy = await policyOf(flags);
  using told = untilSignalled();
  const { serve } = await loadServer();
  await serve(policy, told.signal);
  return signalCode(told.signal) ?? 0;
});

async function policyOf(flags: McpFlags): Promise<Policy> {
  const { maxTimeout, maxMemory, maxOutput, maxRuns, maxQueue, maxPrepare } = flags;
  const { allowRunner = [], allowOption = [], allowImage = [], files } = flags;
  return {
    maxTimeoutMs: maxTimeout ?? POLICY_DEFAULTS.maxTimeoutMs,
    maxMemoryMib: maxMemory ?? POLICY_DEFAULTS.maxMemoryMib,
    maxOutputBytes: maxOutput === undefined ? POLICY_DEFAULTS.maxOutputBytes : maxOutput * 2 ** 20,
    maxRuns: maxRuns ?? POLICY_DEFAULTS.maxRuns,
    maxQueue: maxQueue ?? POLICY_DEFAULTS.maxQueue,
    maxPrepareMs: maxPrepare ?? POLICY_DEFAULTS.maxPrepareMs,
    runners: allowRunner,
    options: allowOption.map(parseAllowedOption),
    images: allowImage.map(parseAllowedImage),
    files: files === undefined ? undefined : await folderOf(files),
  };
}

/** @throws {UsageError} if it is not a folder. */
async function folderOf(path: string): Promise<string> {
  try {
    if ((await Deno.stat(path)).isDirectory) return await Deno.realPath(path);
  } catch (error) {
    throw new UsageError(`cannot give clients ${JSON.stringify(path)}: ${folderFault(error)}`);
  }
  throw new UsageError(`cannot give clients ${JSON.stringify(path)}: it is not a folder`);
}
