// `execvm image`: its subcommands and their options.

import { buildCommand, buildRouteMap, type Command, type RouteMap } from "npm:@stricli/core@1.3.0";
import { PREPARE_OPTION_SPECS } from "../../prepare/option_specs.ts";
import { callFlags } from "../flags/call_flags.ts";
import { fileCompletions, imageCompletions } from "../flags/completions.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/with_error_report.ts";

const yes = (brief: string) =>
  ({ kind: "boolean", brief, optional: true, withNegated: false }) as const;

const prepareCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./image_prepare.ts")).imagePrepare,
  parameters: {
    flags: {
      ...callFlags(PREPARE_OPTION_SPECS),
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        proposeCompletions: fileCompletions,
        brief: "A path, docker:NAME, oci://HOST/NAME:TAG or debian:SUITE",
        placeholder: "SOURCE",
      }],
    },
  },
  docs: {
    brief: "Prepare an image to run code on, unless the cache has it",
    fullDescription: [
      "Makes a read-only image of a root file system; packages, files and commands come in one virtual",
      "machine, in this order: --package, --pip, --file, --run. Prints the key of the image.",
    ].join("\n"),
  },
});

const listCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./image_list.ts")).imageList,
  parameters: {
    flags: { json: yes("Print them as JSON"), ...COMMON_FLAGS },
    aliases: COMMON_ALIASES,
  },
  docs: {
    brief: "List the images in the cache, the newest first",
    fullDescription: [
      "A line each, with tabs between: how its key begins, size, when it was made, from what, and, where",
      "there are such, the name of --cache-key and the packages (of --package, --include and --pip).",
    ].join("\n"),
  },
});

const NAME = {
  parse: String,
  proposeCompletions: imageCompletions,
  brief: "An image by the name of its --cache-key, or by its key or how that begins",
  placeholder: "NAME",
} as const;

const inspectCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./image_list.ts")).imageInspect,
  parameters: {
    flags: { files: yes("Print all that is in it, a line of JSON each"), ...COMMON_FLAGS },
    aliases: COMMON_ALIASES,
    positional: { kind: "tuple", parameters: [NAME] },
  },
  docs: { brief: "Print what is known of an image, as JSON" },
});

const removeCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./image_list.ts")).imageRemove,
  parameters: {
    flags: { all: yes("Remove all of them"), ...COMMON_FLAGS },
    aliases: COMMON_ALIASES,
    positional: { kind: "array", parameter: NAME },
  },
  docs: { brief: "Remove images; machines that run on them go on" },
});

/** The subcommands of `execvm image`. */
export const imageCommand: RouteMap<CliContext> = buildRouteMap({
  routes: {
    prepare: prepareCommand,
    list: listCommand,
    inspect: inspectCommand,
    remove: removeCommand,
  },
  docs: { brief: "Prepare, list and remove the images that code runs on" },
});
