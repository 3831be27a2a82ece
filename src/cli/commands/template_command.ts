// `execvm template`: its subcommands and their options.

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
        brief: "Print them as JSON",
        optional: true,
        withNegated: false,
      },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: { brief: "List the templates in the cache, those used last first" },
});

const removeCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./template_list.ts")).templateRemove,
  parameters: {
    flags: {
      all: { kind: "boolean", brief: "Remove all of them", optional: true, withNegated: false },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        proposeCompletions: templateCompletions,
        brief: "What a template is called in the list, or how that begins",
        placeholder: "NAME",
      },
    },
  },
  docs: { brief: "Remove templates; machines that were cloned from them go on" },
});

const pruneCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./template_list.ts")).templatePrune,
  parameters: {
    flags: {
      maxSize: {
        kind: "parsed",
        parse: parseMemoryMib,
        brief: "Disk that the rest may take (default: 4G, which is kept to at any time)",
        placeholder: "MIB|2G",
        optional: true,
      },
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: {
    brief: "Remove the templates that have not been used for longest, until the rest is small",
  },
});

/** The subcommands of `execvm template`. */
export const templateCommand: RouteMap<CliContext> = buildRouteMap({
  routes: { list: listCommand, remove: removeCommand, prune: pruneCommand },
  docs: { brief: "List and remove the booted machines that others are cloned from" },
});
