// The command line: what `execvm` does when it is started.

import { main } from "./app.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
