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
  requireNetwork(options);
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
  if (options.name !== undefined && options.cacheKey !== undefined) {
    throw new UsageError("cannot take --name and --cache-key: both name the image");
  }
  return { ...options, from };
}

/**
 * Checks what `prepareImage` checks too, for an error in the words of the command line.
 *
 * @throws {UsageError} if packages are installed without a network.
 */
function requireNetwork({ packages = [], pip, network }: PrepareOptions): void {
  const wheels = pip !== undefined && "requirements" in pip ? pip.wheels : undefined;
  const flag = packages.length > 0 ? "--package" : pip && wheels === undefined ? "--pip" : "";
  if (flag === "" || network === true) return;
  const other = flag === "--pip" ? ", or --wheels with a folder of wheels" : "";
  throw new UsageError(`cannot use ${flag}: there is no network: add --network${other}`);
}
