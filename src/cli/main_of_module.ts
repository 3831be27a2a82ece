// The command line of the bundled module, where that is the main module. A bundle of it and of
// other code is not the command line: only the other code runs.

import { ownForm } from "../self/own_form.ts";

if (import.meta.main && ownForm() === "module") {
  const { main } = await import("./app.ts");
  const { ownArgs } = await import("./frame/own_args.ts");
  Deno.exit(await main(ownArgs()));
}
