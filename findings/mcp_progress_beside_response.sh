#!/bin/sh
# The MCP clients of @modelcontextprotocol/sdk 1.32.2 and @modelcontextprotocol/client 2.4.0 drop a progress
# notification that arrives in the same chunk as the response of its request: the response, which is handled at once,
# removes the onprogress of the request before the notification, which is handled in a microtask, gets there. The
# server has sent them in the right order, and a server that is quick sends both in one chunk. With one turn of the
# event loop between them onprogress is called.
#
# Seen on 2026-11-30 with Node.js 20.20.2. Needs Node.js, npm and 60 MB. Exits with status 1 if that has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --ignore-scripts --prefix . \
  @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/client@2.4.0
cat >program.mjs <<'PROGRAM'
import { Client as Client2 } from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";

/** A server that answers a call by one notification of progress and its result. */
class Server {
  constructor(isApart) {
    this.isApart = isApart;
  }
  async start() {}
  async close() {
    this.onclose?.();
  }
  async send({ id, method, params }) {
    const receive = (message) => this.onmessage({ jsonrpc: "2.0", ...message });
    if (method === "initialize") {
      const serverInfo = { name: "test", version: "1" };
      setImmediate(() =>
        receive({ id, result: { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo } })
      );
    }
    if (method !== "tools/call") return;
    const { progressToken } = params._meta;
    const answer = () => receive({ id, result: { content: [] } });
    setImmediate(() => {
      receive({ method: "notifications/progress", params: { progressToken, progress: 1 } });
      this.isApart ? setImmediate(answer) : answer();
    });
  }
}

for (const [name, Client] of [["sdk 1.32.2", Client1], ["client 2.4.0", Client2]]) {
  for (const isApart of [true, false]) {
    const client = new Client({ name: "test", version: "1" });
    await client.connect(new Server(isApart));
    let seen = 0;
    const options = { onprogress: () => seen++ };
    const params = { name: "tool", arguments: {} };
    await (Client === Client1 ? client.callTool(params, undefined, options) : client.callTool(params, options));
    await new Promise((resolve) => setTimeout(resolve, 100));
    console.log(`${name}: ${isApart ? "apart" : "one chunk"}: onprogress called ${seen} times`);
    await client.close();
  }
}
PROGRAM
node program.mjs >seen
cat >expected <<'EXPECTED'
sdk 1.32.2: apart: onprogress called 1 times
sdk 1.32.2: one chunk: onprogress called 0 times
client 2.4.0: apart: onprogress called 1 times
client 2.4.0: one chunk: onprogress called 0 times
EXPECTED
cat seen
diff expected seen
