// The entry point of the `execvm` command.

import { main } from "./app.ts";
import { ownArgs } from "./frame/own_args.ts";

if (import.meta.main) Deno.exit(await main(ownArgs()));
