// A client of `execvm mcp`: that of the official SDK, over stdio.

import { Client } from "npm:@modelcontextprotocol/sdk@1.32.2/client/index.js";
import { ChildTransport } from "./child_transport.ts";
import { EXECVM } from "./cli.ts";

/** What a tool has answered. */
export interface ToolAnswer {
  readonly isError: boolean;
  /** The text of its content. */
  readonly text: string;
  /** Its structured content. */
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** A client that is connected; disposing it has the server end. */
export interface McpClient extends AsyncDisposable {
  readonly client: Client;
  /** Calls a tool. Rejects with a protocol error, if it is one. */
  call(
    name: string,
    args: Record<string, unknown>,
    options?: { signal?: AbortSignal },
  ): Promise<ToolAnswer>;
}

/** Starts a server with these options, and connects to it. */
export async function connectMcp(
  options: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<McpClient> {
  const [command, ...args] = EXECVM;
  const child = new Deno.Command(command, {
    args: [...args, "mcp", ...options],
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new ChildTransport(child));
  return {
    client,
    async call(name, args, { signal } = {}) {
      // Making a template takes longer than a client waits by itself.
      const how = { timeout: 300_000, ...(signal && { signal }) };
      const answer = await client.callTool({ name, arguments: args }, undefined, how);
      const [content] = answer.content as readonly { readonly text: string }[];
      const { isError = false, structuredContent: data } = answer;
      return { isError: isError === true, text: content!.text, data };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
