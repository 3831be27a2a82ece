// Importing this bundles the server of `execvm mcp` statically: for executables of one file.

import { carryServer } from "./mcp_server.ts";

carryServer(() => import("../../mcp/serve.ts"));
