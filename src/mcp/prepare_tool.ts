// The MCP tool that prepares an image, where the policy names sources to make images from.

import * as z from "npm:zod@4.6.7";
import { onlyGiven } from "../model/pick_given.ts";
import { IMAGE_FORMATS } from "../prepare/image_format.ts";
import { prepareImage } from "../prepare/prepare_image.ts";
import { toSteps } from "../prepare/prepare_options.ts";
import { givenFiles } from "./given_files.ts";
import {
  GRANTED_IMAGE_OPTIONS,
  IMAGE_KIND,
  isAllowedSource,
  limitsOf,
  type Policy,
  Refusal,
  requireOption,
} from "./policy.ts";
import type { Tool } from "./tool.ts";

const names = z.array(z.string().min(1));
const byPath = z.record(z.string().min(1), z.string());

const input = z.strictObject({
  from: z.string().min(1).describe("What it is made from; list_images shows what is allowed"),
  packages: names.optional().describe("Packages to install with its package manager"),
  pip: names.optional().describe("Python packages to install as wheels: numpy==1.26.4"),
  files: byPath.optional().describe("Text files to put into it, by absolute path"),
  filesBase64: byPath.optional().describe("Like files, with contents in base64"),
  run: z.array(names).optional().describe("Commands to run as root in it, each an argv"),
  format: z.enum(IMAGE_FORMATS).optional().describe("Its file system; default: squashfs"),
  platform: z.string().optional().describe("Platform of an OCI image, such as linux/arm64"),
  memoryMib: z.int().positive().optional().describe("Memory of the machine that makes it, in MiB"),
  cpus: z.int().positive().optional().describe("Processors of that machine"),
  network: z.boolean().optional().describe("Whether its commands and package managers have one"),
  refresh: z.boolean().optional().describe("Whether to make it again even if it is prepared"),
  name: z.string().optional().describe("A name for it, which moves to it if another image has it"),
  cacheKey: z.string().optional().describe("A name that identifies it in place of its inputs"),
});

/** Returns the tool `prepare_image`, which makes an image for code and commands. */
export function prepareTool({ images }: Policy): Tool<z.infer<typeof input>> {
  return {
    name: "prepare_image",
    title: "Prepare an image",
    description:
      "Makes an image for run_code and run_pipeline, with packages and files, in a virtual machine. Equal inputs " +
      "return the same image at once; the first time takes minutes. Returns its name. Can be made from: " +
      `${images.join(", ")}.`,
    input,
    isReadOnly: false,
    isOpenWorld: true,
    async call({ from, files = {}, filesBase64 = {}, ...wanted }, context) {
      const { policy, report } = context;
      if (!isAllowedSource(from, policy)) {
        const known = policy.images.join(", ");
        throw new Refusal(
          `cannot prepare an image from ${JSON.stringify(from)}: only these are allowed: ${known}`,
        );
      }
      for (const name of GRANTED_IMAGE_OPTIONS) {
        const value = wanted[name];
        if (value === undefined || value === false) continue;
        requireOption(IMAGE_KIND, name, { value, policy });
      }
      const { memoryMib, cpus } = limitsOf(wanted, policy);
      const options = {
        ...onlyGiven(wanted),
        from,
        memoryMib,
        cpus,
        files: givenFiles(files, filesBase64),
      };
      toSteps(options);
      using _turn = await context.turn();
      using time = limitTime(policy.maxPrepareMs);
      const { key, ...image } = await prepareImage({
        ...options,
        onProgress: (step, count) => report(count === undefined ? step : `${step}: ${count} files`),
        signal: AbortSignal.any([context.signal, time.signal]),
      });
      const { format, packages, pip, bytes, entries, cacheKey } = image;
      return { data: { name: key, cacheKey, from, format, packages, pip, bytes, entries } };
    },
  };
}

/** Returns a signal that is aborted after this time, unless it is disposed before. */
function limitTime(limitMs: number): { readonly signal: AbortSignal } & Disposable {
  const aborter = new AbortController();
  const fact = `it takes longer than the ${limitMs / 1000} s that are allowed here`;
  const timer = setTimeout(
    () => aborter.abort(new Refusal(`cannot prepare the image: ${fact}`)),
    limitMs,
  );
  return { signal: aborter.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
