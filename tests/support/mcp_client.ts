// Clients of `execvm mcp`: those of the official SDK's two major versions, over stdio.

import { Client as Client2026 } from "npm:@modelcontextprotocol/client@2.4.0";
import { Client } from "npm:@modelcontextprotocol/sdk@1.32.2/client/index.js";
import { ChildTransport } from "./child_transport.ts";
import { EXECVM } from "./cli.ts";

/** The revisions of the protocol that the clients speak: version 1 of the SDK the first. */
export const REVISIONS = ["2025-11-25", "2026-07-28"] as const;

/** A revision of the protocol. */
export type Revision = typeof REVISIONS[number];

/** The answer of a tool. */
export interface ToolAnswer {
  readonly isError: boolean;
  /** The text of its content. */
  readonly text: string;
  /** Its structured content. */
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** A notification of progress. */
export interface ProgressSeen {
  readonly progress: number;
  readonly message?: string | undefined;
}

/** The options of a call. */
export interface CallHow {
  readonly signal?: AbortSignal;
  /** Asks for progress, and receives it. */
  readonly onprogress?: (progress: ProgressSeen) => void;
}

/** A tool as it is listed. */
export interface ListedTool {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: { readonly type: string; readonly properties?: object | undefined };
}

/** A connected client. Disposing it ends the server. */
export interface McpClient extends AsyncDisposable {
  /** Lists the tools. */
  tools(): Promise<readonly ListedTool[]>;
  /** Calls a tool. Rejects only with protocol errors. */
  call(name: string, args: Record<string, unknown>, how?: CallHow): Promise<ToolAnswer>;
}

/** Starts a server with these options and connects to it. */
export async function connectMcp(
  options: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  revision: Revision = "2025-11-25",
): Promise<McpClient> {
  const [command, ...args] = EXECVM;
  const child = new Deno.Command(command, {
    args: [...args, "mcp", ...options],
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const transport = new ChildTransport(child);
  const client = revision === "2025-11-25" ? await connect1(transport) : await connect2(transport);
  return {
    tools: async () => (await client.listTools()).tools,
    async call(name, args, how = {}) {
      const answer = await client.call({ name, arguments: args }, {
        timeout: 300_000, // building a template takes longer than the client's default timeout
        ...how,
      });
      const [content] = answer.content as readonly { readonly text: string }[];
      const { isError = false, structuredContent: data } = answer;
      return { isError: isError === true, text: content!.text, data };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

type Params = { readonly name: string; readonly arguments: Record<string, unknown> };
type How = CallHow & { readonly timeout: number };

async function connect1(transport: ChildTransport) {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  return {
    listTools: () => client.listTools(),
    call: (params: Params, how: How) => client.callTool(params, undefined, how),
    close: () => client.close(),
  };
}

async function connect2(transport: ChildTransport) {
  const client = new Client2026({ name: "test", version: "1" }, {
    versionNegotiation: { mode: { pin: "2026-07-28" } },
  });
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return {
    listTools: () => client.listTools(),
    call: (params: Params, how: How) => client.callTool(params, how),
    close: () => client.close(),
  };
}
