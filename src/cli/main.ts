// The command line: what `execvm` does when it is started.

import { main } from "./app.ts";
import { ownArgs } from "./frame/own_args.ts";

if (import.meta.main) Deno.exit(await main(ownArgs()));
