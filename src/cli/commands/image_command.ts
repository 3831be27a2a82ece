// The subcommands of `execvm image` and their options.

import { buildCommand, buildRouteMap, type Command, type RouteMap } from "npm:@stricli/core@1.3.0";
import { PREPARE_OPTION_SPECS } from "../../prepare/option_specs.ts";
import { parseMemoryMib } from "../../runners/contract/memory_size.ts";
import { parseAge } from "../flags/parse_age.ts";
import { callFlags } from "../flags/call_flags.ts";
import { imageCompletions, rootCompletions } from "../flags/completions.ts";
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
        proposeCompletions: rootCompletions,
        brief: "A path, docker:NAME, oci://HOST/NAME:TAG, debian:SUITE, or an image to start from",
        placeholder: "SOURCE",
      }],
    },
  },
  docs: {
    brief: "Prepare an image for code to run on, unless it is in the cache",
    fullDescription: [
      "Makes a read-only image of a root file system. The options --package, --pip, --file and --run are",
      "applied in this order, in one virtual machine. Prints the key of the image. A name (--name) moves",
      "to the image that was prepared last; the one that had it keeps its key until it is pruned.",
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
      "Prints one line per image, separated by tabs: the start of its key, its size, its age, its source",
      "and, if it has them, its names and packages (of --package, --include and --pip).",
    ].join("\n"),
  },
});

const NAME = {
  parse: String,
  proposeCompletions: imageCompletions,
  brief: "An image: its name, its key, or the start of its key",
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

const pruneCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./image_prune.ts")).imagePrune,
  parameters: {
    flags: {
      olderThan: {
        kind: "parsed",
        parse: parseAge,
        brief: "Remove the images that were last used longer ago than this",
        placeholder: "30d",
        optional: true,
      },
      maxSize: {
        kind: "parsed",
        parse: parseMemoryMib,
        brief: "Disk space that the remaining images may take: the least recently used are removed",
        placeholder: "MIB|20G",
        optional: true,
      },
      all: yes("Also remove images that have a name"),
      dryRun: yes("Print what would be removed, and remove nothing"),
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
  },
  docs: {
    brief: "Remove images by age and size",
    fullDescription: [
      "Removes images that were not used for some time, or the least recently used until the rest fits a",
      "size. Images that a machine uses now are kept, and so are images with a name, unless --all is given.",
    ].join("\n"),
  },
});

/** The subcommands of `execvm image`. */
export const imageCommand: RouteMap<CliContext> = buildRouteMap({
  routes: {
    prepare: prepareCommand,
    list: listCommand,
    inspect: inspectCommand,
    remove: removeCommand,
    prune: pruneCommand,
  },
  docs: { brief: "Prepare, list and remove the images that code runs on" },
});
