// The server of `execvm mcp`: serves the Model Context Protocol on stdin and stdout, with the
// official SDK. It speaks the revision 2026-07-28 to clients that start with it, and that of 2025
// to those that start with `initialize`.

import { Server, type ServerContext } from "npm:@modelcontextprotocol/server@2.4.0";
import { serveStdio } from "npm:@modelcontextprotocol/server@2.4.0/stdio";
import * as z from "npm:zod@4.6.7";
import { VERSION } from "../self/version.ts";
import { Calls } from "./calls.ts";
import { codeTool } from "./code_tool.ts";
import { imagesTool, runnersTool } from "./list_tools.ts";
import { planTool, runTool } from "./pipeline_tools.ts";
import type { Policy } from "./policy.ts";
import { prepareTool } from "./prepare_tool.ts";
import type { ProgressUpdate, SendProgress } from "./progress.ts";
import { StdioTransport } from "./stdio_transport.ts";
import { anyTool, type Tool } from "./tool.ts";

const INSTRUCTIONS =
  "Runs commands and code in fresh virtual machines without a network. list_images lists the images for code.";

/**
 * Serves a client until it closes our stdin or `signal` is aborted. Then everything that runs for
 * it is ended, and the promise resolves once nothing is left.
 */
export async function serve(policy: Policy, signal: AbortSignal): Promise<void> {
  const tools = toolsFor(policy);
  const calls = new Calls(tools, policy);
  const transport = new StdioTransport(Deno.stdin.readable, Deno.stdout.writable);
  signal.addEventListener("abort", () => void transport.close());
  if (signal.aborted) return;
  serveStdio(() => makeServer(tools, calls), { transport });
  await transport.closed;
  await calls.end();
}

/** Returns the tools that the policy lets clients call. */
export function toolsFor(policy: Policy): readonly Tool[] {
  return [
    anyTool(planTool),
    anyTool(runTool),
    anyTool(codeTool(policy)),
    anyTool(imagesTool),
    anyTool(runnersTool),
    ...(policy.images.length > 0 ? [anyTool(prepareTool(policy))] : []),
  ];
}

/** Makes the server of a connection; the client chooses the revision with its first request. */
function makeServer(tools: readonly Tool[], calls: Calls): Server {
  const server = new Server({ name: "execvm", version: VERSION }, {
    capabilities: { tools: {} },
    instructions: INSTRUCTIONS,
  });
  server.setRequestHandler("tools/list", () => ({ tools: tools.map(toListed) }));
  server.setRequestHandler(
    "tools/call",
    ({ params: { name, arguments: args = {} } }, context) =>
      calls.call({
        name,
        args,
        cancelled: context.mcpReq.signal,
        sendProgress: progressTo(context),
      }),
  );
  return server;
}

function toListed(tool: Tool) {
  const { name, title, description, input, isReadOnly, isOpenWorld = false } = tool;
  const override = ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) => {
    const { additionalProperties: others } = jsonSchema;
    if (typeof others !== "object" || Object.keys(others).length > 0) return;
    jsonSchema.additionalProperties = true; // some clients report {} as a mistake
  };
  const inputSchema = z.toJSONSchema(input, { io: "input", override }) as { type: "object" };
  const annotations = {
    readOnlyHint: isReadOnly,
    destructiveHint: false,
    openWorldHint: isOpenWorld,
  };
  return { name, title, description, inputSchema, annotations };
}

/** Returns what sends progress for a request; `undefined` if that has no token for it. */
function progressTo({ mcpReq: { _meta, notify } }: ServerContext): SendProgress | undefined {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return (update: ProgressUpdate) =>
    notify({ method: "notifications/progress", params: { progressToken, ...update } });
}
