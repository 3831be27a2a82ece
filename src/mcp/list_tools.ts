// The MCP tools that list images, and runners with their limits.

import * as z from "npm:zod@4.6.7";
import { listedImages } from "../prepare/list_images.ts";
import { RUNNER_TYPES } from "../runners/mod.ts";
import { ALWAYS_ALLOWED, CLIENT_OPTIONS, grantedOptions } from "./policy.ts";
import type { Tool } from "./tool.ts";

const nothing = z.strictObject({});

/** The tool `list_images`: lists the prepared images. */
export const imagesTool: Tool<z.infer<typeof nothing>> = {
  name: "list_images",
  title: "List images",
  description:
    "Lists the prepared images that code and commands can run on, the newest first, and from what " +
    "prepare_image can make more.",
  input: nothing,
  isReadOnly: true,
  call(_input, { policy }) {
    const images = listedImages().map((image) => {
      const { key, names, cacheKey, from, packages, pip, bytes, entries, createdMs } = image;
      const created = new Date(createdMs).toISOString();
      // `name` is the key for clients of version 0.1.
      return { key, names, name: key, cacheKey, from, packages, pip, bytes, entries, created };
    });
    return Promise.resolve({ data: { images, preparableFrom: policy.images } });
  },
};

/** The tool `list_runners`: lists the runners that clients may use, and the limits. */
export const runnersTool: Tool<z.infer<typeof nothing>> = {
  name: "list_runners",
  title: "List runners",
  description:
    "Lists the runners that commands may run on, the options that may be set, and the limits of this server.",
  input: nothing,
  isReadOnly: true,
  call(_input, { policy }) {
    const { runners: granted, options: _options, images: _images, files, ...limits } = policy;
    const runners = [...ALWAYS_ALLOWED, ...granted].map((runner) => {
      const kind = runner.split(":")[0]!;
      const { summary } = RUNNER_TYPES.find((type) => type.kind === kind)!;
      const more = grantedOptions(kind, policy).map(({ name }) => name);
      return { runner, summary, options: [...CLIENT_OPTIONS[kind] ?? [], ...more] };
    });
    return Promise.resolve({ data: { runners, limits, hasFiles: files !== undefined } });
  },
};
