// `execvm image prepare`: prepares an image in the cache.

import { UsageError } from "../../model/errors.ts";
import { PREPARE_OPTION_SPECS } from "../../prepare/option_specs.ts";
import { prepareImage } from "../../prepare/prepare_image.ts";
import type { PrepareOptions } from "../../prepare/prepare_options.ts";
import { callOptions } from "../flags/call_flags.ts";
import { exitCodeOfCall, untilSignalled } from "../frame/cancellation.ts";
import { type CommonFlags, withErrorReport } from "../frame/with_error_report.ts";
import { showProgress } from "./kernel_progress.ts";

/** Runs `execvm image prepare`: prepares the image and prints its key. */
export const imagePrepare = withErrorReport(async (context, flags: CommonFlags, from: string) => {
  const options = toOptions(from, flags);
  using told = untilSignalled();
  using progress = showProgress(context);
  return await exitCodeOfCall(told.signal, async () => {
    const image = await prepareImage({
      ...options,
      onProgress: progress.step,
      signal: told.signal,
    });
    progress[Symbol.dispose]();
    context.process.stdout.write(`${image.key}\n`);
    return 0;
  });
});

/**
 * Reads the options of `prepareImage` from flags.
 *
 * @throws {UsageError} if one has no effect without another.
 */
export function toOptions(from: string, flags: object): PrepareOptions {
  const options = callOptions<PrepareOptions>(PREPARE_OPTION_SPECS, flags);
  if (options.pip !== undefined && !("requirements" in options.pip)) {
    throw new UsageError("cannot use --wheels or --index: they are for --pip");
  }
  return { ...options, from };
}
