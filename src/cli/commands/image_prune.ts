// `execvm image prune`: removes images by age and size.

import { UsageError } from "../../model/errors.ts";
import { pruneImages } from "../../prepare/prune_images.ts";
import { say } from "../frame/exit_codes.ts";
import { type CommonFlags, withErrorReport } from "../frame/with_error_report.ts";
import { imageLine } from "./image_line.ts";

interface PruneFlags extends CommonFlags {
  /** Milliseconds. */
  readonly olderThan?: number;
  /** MiB. */
  readonly maxSize?: number;
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

/** Removes images and prints their lines. */
export const imagePrune = withErrorReport(
  async ({ process }, { olderThan, maxSize, all = false, dryRun = false }: PruneFlags) => {
    if (olderThan === undefined && maxSize === undefined) {
      throw new UsageError("cannot prune images: give --older-than 30d or --max-size 20G");
    }
    const maxBytes = maxSize === undefined ? undefined : maxSize * 2 ** 20;
    const { pruned, bytesLeft } = await pruneImages({
      olderThanMs: olderThan,
      maxBytes,
      all,
      dryRun,
    });
    for (const image of pruned) process.stdout.write(`${imageLine(image)}\n`);
    if (maxBytes !== undefined && bytesLeft > maxBytes) {
      const kept = all ? "in use" : "named or in use";
      say(`${Math.ceil(bytesLeft / 2 ** 20)} MiB remain, as these images are ${kept}`);
    }
    return 0;
  },
);
