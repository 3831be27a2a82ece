// The subcommands of `execvm image` and their options.

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
    brief: "Prepare an image for code to run on, unless it is in the cache",
    fullDescription: [
      "Makes a read-only image of a root file system. The options --package, --pip, --file and --run are",
      "applied in this order, in one virtual machine. Prints the key of the image.",
    ].join("\n"),
  },
});

const listCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./image_list.ts")).imageList,
  parameters: {
    flags: { json: yes("Print JSON"), ...COMMON_FLAGS },
    aliases: COMMON_ALIASES,
  },
  docs: {
    brief: "List the images in the cache, the newest first",
    fullDescription: [
      "Prints one line per image, separated by tabs: the start of its key, its size, when it was made, its",
      "source and, if it has them, its --cache-key name and packages (of --package, --include and --pip).",
    ].join("\n"),
  },
});

const NAME = {
  parse: String,
  proposeCompletions: imageCompletions,
  brief: "An image: its --cache-key name, its key, or the start of its key",
  placeholder: "NAME",
} as const;

const inspectCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./image_list.ts")).imageInspect,
  parameters: {
    flags: { files: yes("Print its files instead, one line of JSON per file"), ...COMMON_FLAGS },
    aliases: COMMON_ALIASES,
    positional: { kind: "tuple", parameters: [NAME] },
  },
  docs: { brief: "Print the properties of an image as JSON" },
});

const removeCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./image_list.ts")).imageRemove,
  parameters: {
    flags: { all: yes("Remove all images"), ...COMMON_FLAGS },
    aliases: COMMON_ALIASES,
    positional: { kind: "array", parameter: NAME },
  },
  docs: { brief: "Remove images; machines that use them keep running" },
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
