// `execvm image`: its subcommands and their options.

import { buildCommand, buildRouteMap, type Command, type RouteMap } from "npm:@stricli/core@1.3.0";
import { IMAGE_FORMATS } from "../../prepare/image_format.ts";
import { parseMemoryMib } from "../../runners/contract/memory_size.ts";
import { proposeFiles, proposeFolders, proposeImages } from "../flags/propose.ts";
import type { CliContext } from "../frame/context.ts";
import { COMMON_ALIASES, COMMON_FLAGS } from "../frame/guarded.ts";

const text = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true }) as const;
const texts = (brief: string, placeholder: string) =>
  ({ ...text(brief, placeholder), variadic: true }) as const;
const mib = (brief: string) =>
  ({
    kind: "parsed",
    parse: parseMemoryMib,
    brief,
    placeholder: "MIB|2G",
    optional: true,
  }) as const;
const yes = (brief: string) =>
  ({ kind: "boolean", brief, optional: true, withNegated: false }) as const;

const prepareCommand: Command<CliContext> = buildCommand({
  loader: async () => (await import("./image_prepare.ts")).imagePrepare,
  parameters: {
    flags: {
      package: texts(
        "Install a package of the root's own package manager; may be repeated",
        "NAME",
      ),
      pip: texts("Install a wheel of Python by the root's own pip; may be repeated", "NAME==1.0"),
      wheels: {
        ...text("Take wheels from this folder, and none from an index", "DIR"),
        proposeCompletions: proposeFolders,
      },
      index: text("Take wheels from this index", "URL"),
      file: {
        ...texts("Put a file of this machine into the image; may be repeated", "HOST:GUEST"),
        proposeCompletions: proposeFiles,
      },
      run: texts("Run a command by the root's sh; may be repeated", "SCRIPT"),
      network: yes("Have a network while preparing, which packages and an index need"),
      cacheKey: text("Know the image by this name, in place of what it is made from", "NAME"),
      platform: text("Platform of an OCI or Docker image", "linux/amd64"),
      mirror: text("Archive that debian:SUITE comes from", "URL"),
      format: {
        kind: "enum",
        values: IMAGE_FORMATS,
        brief: "Its file system (default: squashfs)",
        optional: true,
      },
      size: mib("How much the steps may write (default: 8G)"),
      memory: mib("Memory of the machine that prepares (default: 1G)"),
      ...COMMON_FLAGS,
    },
    aliases: COMMON_ALIASES,
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        proposeCompletions: proposeFiles,
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
  docs: { brief: "List the images in the cache, the newest first" },
});

const NAME = {
  parse: String,
  proposeCompletions: proposeImages,
  brief: "What an image is called in the list, or how that begins",
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
