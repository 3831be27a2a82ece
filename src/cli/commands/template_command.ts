// The subcommands of `execvm template` and their options.

import { buildCommand, buildRouteMap, type Command, type RouteMap } from "npm:@stricli/core@1.3.0";
import { parseMemoryMib } from "../../runners/contract/memory_size.ts";
import { templateCompletions } from "../flags/completions.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/with_error_report.ts";

const listCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./template_list.ts")).templateList,
  parameters: {
    flags: {
      json: {
        kind: "boolean",
        brief: "Print JSON",
        optional: true,
        withNegated: false,
      },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: { brief: "List the templates in the cache, the most recently used first" },
});

const removeCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./template_list.ts")).templateRemove,
  parameters: {
    flags: {
      all: { kind: "boolean", brief: "Remove all templates", optional: true, withNegated: false },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        proposeCompletions: templateCompletions,
        brief: "Name of a template in the list, or the start of the name",
        placeholder: "NAME",
      },
    },
  },
  docs: { brief: "Remove templates; machines that were cloned from them keep running" },
});

const pruneCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./template_list.ts")).templatePrune,
  parameters: {
    flags: {
      maxSize: {
        kind: "parsed",
        parse: parseMemoryMib,
        brief:
          "Disk space that the remaining templates may take (default: 4G, the limit that always holds)",
        placeholder: "MIB|2G",
        optional: true,
      },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: {
    brief: "Remove the least recently used templates, until the rest fits a size",
  },
});

/** The subcommands of `execvm template`. */
export const templateCommand: RouteMap<CliContext> = buildRouteMap({
  routes: { list: listCommand, remove: removeCommand, prune: pruneCommand },
  docs: { brief: "List and remove templates: booted machines that others are cloned from" },
});
