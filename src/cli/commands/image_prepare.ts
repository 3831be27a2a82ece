// `execvm image prepare`: an image into the cache.

import { UsageError } from "../../model/errors.ts";
import type { ImageFormat } from "../../prepare/image_format.ts";
import { prepareImage } from "../../prepare/prepare_image.ts";
import type { PrepareOptions } from "../../prepare/prepare_options.ts";
import { exitCodeOfCall, untilSignalled } from "../frame/cancellation.ts";
import { guarded } from "../frame/guarded.ts";
import { showProgress } from "./kernel_progress.ts";

interface PrepareFlags {
  readonly package?: readonly string[];
  readonly pip?: readonly string[];
  readonly wheels?: string;
  readonly index?: string;
  readonly file?: readonly string[];
  readonly run?: readonly string[];
  readonly network?: boolean;
  readonly cacheKey?: string;
  readonly platform?: string;
  readonly mirror?: string;
  readonly format?: ImageFormat;
  readonly size?: number;
  readonly memory?: number;
  readonly verbose?: boolean;
}

/** Prepares the image of `execvm image prepare`, and prints its key. */
export const imagePrepare = guarded(async (context, flags: PrepareFlags, from: string) => {
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

function toOptions(from: string, flags: PrepareFlags): PrepareOptions {
  const { pip = [], wheels, index, file = [], run = [], platform, mirror } = flags;
  const { cacheKey, format, size, memory } = flags;
  if (pip.length === 0 && (wheels ?? index) !== undefined) {
    throw new UsageError("Cannot use --wheels or --index as they are for --pip");
  }
  const sources = {
    ...(wheels !== undefined && { wheels }),
    ...(index !== undefined && { index }),
  };
  return {
    from,
    packages: flags.package ?? [],
    pip: { requirements: pip, ...sources },
    files: Object.fromEntries(file.map(toFile)),
    run: run.map((script) => ["sh", "-c", script]),
    network: flags.network === true,
    ...(cacheKey !== undefined && { cacheKey }),
    ...(platform !== undefined && { platform }),
    ...(mirror !== undefined && { debian: { mirror } }),
    ...(format !== undefined && { format }),
    ...(size !== undefined && { sizeMib: size }),
    ...(memory !== undefined && { memoryMib: memory }),
  };
}

/** The path in the guest is what stands behind the last colon. */
function toFile(text: string): readonly [string, string] {
  const colon = text.lastIndexOf(":");
  if (colon > 0) return [text.slice(colon + 1), text.slice(0, colon)];
  throw new UsageError(`Cannot put ${JSON.stringify(text)} into it as a file is HOST:GUEST`);
}
