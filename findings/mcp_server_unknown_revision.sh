#!/bin/sh
# @modelcontextprotocol/server 2.4.0, serveStdio: once a connection has been opened with the revision 2026-07-28, a
# request whose _meta claims another revision, such as 2027-01-01, is served as if it had claimed 2026-07-28. As the
# first request of a connection it gets the error -32022 (unsupported protocol version), which the specification
# requires for every request. And a `server/discover` without a revision in its _meta makes the connection one of
# 2025 for good: a right `server/discover` after it gets -32601 (method not found).
#
# Seen on 2026-11-30 with Node.js 20.20.2. Needs Node.js, npm and 20 MB. Exits with status 1 if that has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --ignore-scripts --prefix . @modelcontextprotocol/server@2.4.0
cat >program.mjs <<'PROGRAM'
import { PassThrough } from "node:stream";
import { createInterface } from "node:readline";
import { Server } from "@modelcontextprotocol/server";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";

/** Sends requests, each after the answer to the previous one; returns the answers. */
async function ask(...requests) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const handle = serveStdio(() => {
    const server = new Server({ name: "test", version: "1" }, { capabilities: { tools: {} } });
    server.setRequestHandler("tools/list", () => ({ tools: [] }));
    return server;
  }, { transport: new StdioServerTransport(input, output) });
  const lines = createInterface({ input: output })[Symbol.asyncIterator]();
  const answers = [];
  for (const [index, [method, version]] of requests.entries()) {
    const meta = {
      "io.modelcontextprotocol/protocolVersion": version,
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const params = version === undefined ? {} : { _meta: meta };
    input.write(`${JSON.stringify({ jsonrpc: "2.0", id: index, method, params })}\n`);
    const { error } = JSON.parse((await lines.next()).value);
    answers.push(`${method} ${version ?? "without a revision"}: ${error ? error.code : "served"}`);
  }
  await handle.close();
  return answers;
}

const [discover, list] = ["server/discover", "tools/list"];
console.log((await ask([list, "2027-01-01"])).join(", "));
console.log((await ask([list, "2026-07-28"], [list, "2027-01-01"])).join(", "));
console.log((await ask([discover], [discover, "2026-07-28"])).join(", "));
PROGRAM
node program.mjs >seen
cat >expected <<'EXPECTED'
tools/list 2027-01-01: -32022
tools/list 2026-07-28: served, tools/list 2027-01-01: served
server/discover without a revision: -32601, server/discover 2026-07-28: -32601
EXPECTED
cat seen
diff expected seen
