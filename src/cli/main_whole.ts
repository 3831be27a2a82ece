// The command line with all that main loads by its place: what is compiled, or bundled into one file.

import { main } from "./app.ts";
import "./carry_mcp.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
