// Runs code for `runCode`: captures its output and reports it to an observer.

import type { CodeResult } from "../model/code_result.ts";
import { onlyGiven } from "../model/pick_given.ts";
import type { Image } from "../prepare/image.ts";
import { findImage, markUsed } from "../prepare/image_store.ts";
import { CapturedOutput } from "./captured_output.ts";
import { CodeWatch } from "./code_watch.ts";
import { checkOutputsPlace } from "./outputs_place.ts";
import { runInMachine } from "./run_in_machine.ts";
import { checkRunOptions, CODE_DEFAULTS, type RunCodeOptions } from "./run_options.ts";

/** Runs code once. @throws as `runCode` does. */
export async function runOnImage(
  given: Image | string,
  code: string,
  options: RunCodeOptions = {},
): Promise<CodeResult> {
  checkRunOptions(options);
  const image = typeof given === "string" ? await resolve(given, options) : given;
  const watch = new CodeWatch(options.observer);
  try {
    const result = await runWatched(image, code, options, watch);
    watch.finish(result);
    return result;
  } catch (error) {
    watch.fail(error);
    throw error;
  }
}

/** Finds or prepares an image. */
async function resolve(
  image: string,
  { accel, onProgress, signal }: RunCodeOptions,
): Promise<Image> {
  const { resolveImage } = await import("../prepare/resolve_root.ts");
  return await resolveImage(image, onlyGiven({ accel, onProgress, signal }));
}

async function runWatched(
  image: Image,
  code: string,
  options: RunCodeOptions,
  watch: CodeWatch,
): Promise<CodeResult> {
  options.signal?.throwIfAborted();
  requireImage(image);
  markUsed(image.key);
  await checkOutputsPlace(options);
  const { maxOutputBytes = CODE_DEFAULTS.maxOutputBytes, onOutput = () => {} } = options;
  const stdout = new CapturedOutput(maxOutputBytes, (chunk) => onOutput("stdout", chunk));
  const stderr = new CapturedOutput(maxOutputBytes, (chunk) => onOutput("stderr", chunk));
  const streams = { stdin: () => streamOf(options.stdin), stdout, stderr };
  const result = await runInMachine({ image, code, options, streams, watch });
  return {
    ...result,
    stdout: await stdout.text(),
    stderr: await stderr.text(),
    truncated: stdout.isTruncated || stderr.isTruncated,
  };
}

/** @throws {Error} if the cache no longer has the image. */
function requireImage(image: Image): void {
  if (findImage(image.key)?.path === image.path) return;
  throw new Error(
    `cannot run code on the image ${image.key.slice(0, 12)}: the cache no longer has it`,
  );
}

function streamOf(stdin: RunCodeOptions["stdin"] = ""): ReadableStream<Uint8Array> {
  if (stdin instanceof ReadableStream) return stdin;
  return new Blob([stdin as Uint8Array<ArrayBuffer> | string]).stream();
}
