// The option --help of all subcommands.

import type { StricliIntegration } from "npm:@stricli/core@1.3.0";
import type { CliContext } from "../frame/context.ts";

/** Shows the help page of the subcommand or group that it follows. */
export const helpFlag: StricliIntegration<CliContext> = {
  flag: {
    brief: "Show this help",
    aliases: ["h"],
    global: true,
    defaultForRouteMap: true,
    async run(_app, { result }) {
      const { showPage } = await import("./help.ts");
      showPage(this.process.stdout, result.target, result.prefix);
    },
  },
};
