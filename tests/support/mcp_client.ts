// A client of `execvm mcp`: the official SDK's, over stdio.

import { Client } from "npm:@modelcontextprotocol/sdk@1.32.2/client/index.js";
import { ChildTransport } from "./child_transport.ts";
import { EXECVM } from "./cli.ts";

/** The answer of a tool. */
export interface ToolAnswer {
  readonly isError: boolean;
  /** The text of its content. */
  readonly text: string;
  /** Its structured content. */
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** A connected client. Disposing it ends the server. */
export interface McpClient extends AsyncDisposable {
  readonly client: Client;
  /** Calls a tool. Rejects only with protocol errors. */
  call(
    name: string,
    args: Record<string, unknown>,
    options?: { signal?: AbortSignal },
  ): Promise<ToolAnswer>;
}

/** Starts a server with these options and connects to it. */
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
      // Building a template takes longer than the client's default timeout.
      const how = { timeout: 300_000, ...(signal && { signal }) };
      const answer = await client.callTool({ name, arguments: args }, undefined, how);
      const [content] = answer.content as readonly { readonly text: string }[];
      const { isError = false, structuredContent: data } = answer;
      return { isError: isError === true, text: content!.text, data };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
