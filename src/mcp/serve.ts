// The server of `execvm mcp`: serves the Model Context Protocol on stdin and stdout, with the
// official SDK.

import process from "node:process";
import { Server } from "npm:@modelcontextprotocol/sdk@1.32.2/server/index.js";
import { StdioServerTransport } from "npm:@modelcontextprotocol/sdk@1.32.2/server/stdio.js";
import {
  type CallToolRequest,
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from "npm:@modelcontextprotocol/sdk@1.32.2/types.js";
import * as z from "npm:zod@4.6.7";
import { messageOf } from "../model/errors.ts";
import { VERSION } from "../self/version.ts";
import { codeTool } from "./code_tool.ts";
import { imagesTool, runnersTool } from "./list_tools.ts";
import { planTool, runTool } from "./pipeline_tools.ts";
import { type Policy, Refusal } from "./policy.ts";
import { anyTool, type Tool } from "./tool.ts";

const TOOLS: readonly Tool[] = [
  anyTool(planTool),
  anyTool(runTool),
  anyTool(codeTool),
  anyTool(imagesTool),
  anyTool(runnersTool),
];

const INSTRUCTIONS =
  "Runs commands and code in fresh virtual machines without a network. list_images lists the images for code.";

/**
 * Serves a client until it closes our stdin or `signal` is aborted. Then everything that runs for
 * it is ended, and the promise resolves once nothing is left.
 */
export async function serve(policy: Policy, signal: AbortSignal): Promise<void> {
  const calls = new Calls(policy);
  const server = new Server({ name: "execvm", version: VERSION }, {
    capabilities: { tools: {} },
    instructions: INSTRUCTIONS,
  });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOLS.map(toListed) }));
  server.setRequestHandler(
    CallToolRequestSchema,
    ({ params }: CallToolRequest, extra: { readonly signal: AbortSignal }) =>
      calls.call(params.name, params.arguments ?? {}, extra.signal),
  );
  const gone = Promise.withResolvers<void>();
  server.onclose = () => gone.resolve();
  const leave = () => void server.close();
  process.stdin.once("end", leave).once("close", leave);
  process.stdout.once("error", leave);
  signal.addEventListener("abort", leave);
  await server.connect(new StdioServerTransport());
  await gone.promise;
  await calls.end();
}

function toListed({ name, title, description, input, isReadOnly }: Tool) {
  const inputSchema = z.toJSONSchema(input, { io: "input" }) as { type: "object" };
  const annotations = { readOnlyHint: isReadOnly, destructiveHint: false, openWorldHint: false };
  return { name, title, description, inputSchema, annotations };
}

/** The calls of a client that are in progress. */
class Calls {
  readonly #policy: Policy;
  readonly #over = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #runs = 0;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** Ends all calls and waits for their end. */
  async end(): Promise<void> {
    this.#over.abort(new Refusal("The client is gone"));
    await Promise.allSettled(this.#running);
  }

  /** Calls a tool; its errors become results. @throws {McpError} if there is no such tool. */
  async call(name: string, args: unknown, cancelled: AbortSignal): Promise<CallToolResult> {
    const tool = TOOLS.find((tool) => tool.name === name);
    if (tool === undefined) {
      throw new McpError(ErrorCode.InvalidParams, `there is no tool ${JSON.stringify(name)}`);
    }
    const running = this.#run(tool, args, AbortSignal.any([cancelled, this.#over.signal]));
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      return { isError: true, content: [{ type: "text", text: lineOf(error) }] };
    } finally {
      this.#running.delete(running);
    }
  }

  async #run(tool: Tool, args: unknown, signal: AbortSignal): Promise<CallToolResult> {
    const input = parse(tool, args);
    const { maxRuns } = this.#policy;
    if (tool.runs && this.#runs >= maxRuns) {
      throw new Refusal(`cannot run more than ${maxRuns} at once: wait for one to end`);
    }
    this.#runs += tool.runs ? 1 : 0;
    try {
      const { data, text } = await tool.call(input, { policy: this.#policy, signal });
      const content = [{ type: "text" as const, text: text ?? JSON.stringify(data) }];
      return { content, structuredContent: data };
    } finally {
      this.#runs -= tool.runs ? 1 : 0;
    }
  }
}

function parse(tool: Tool, args: unknown): unknown {
  const parsed = tool.input.safeParse(args);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const place = path.length === 0 ? "" : `${path.join(".")}: `;
  throw new Refusal(`cannot call ${tool.name}: ${place}${message.replace(/^Invalid input: /, "")}`);
}

/**
 * Returns the first line of an error; the rest, such as a machine's console, is not for clients.
 */
function lineOf(error: unknown): string {
  return messageOf(error).split("\n")[0]!.replace(/:$/, "");
}
