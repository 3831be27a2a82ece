// The command line of execvm as one module: it is loaded where that is the main module.

if (import.meta.main) {
  const { main } = await import("./app.ts");
  const { ownArgs } = await import("./frame/own_args.ts");
  Deno.exit(await main(ownArgs()));
}
