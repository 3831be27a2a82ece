// Makes the server of `execvm mcp` a part of what imports this: for executables of one file.

import { carryServer } from "./mcp_server.ts";

carryServer(() => import("../../mcp/serve.ts"));
