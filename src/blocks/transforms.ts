// Transforms: stages that run in this process, on whatever computer.

import type { TransformNode } from "./nodes.ts";
import { Pipeline } from "./pipeline.ts";

/** Compresses with gzip. The same input gives the same bytes. */
export function gzip(): Pipeline<"open", "open"> {
  return transform("gzip");
}

/** Decompresses gzip, of one or more members. Anything else makes the stage fail. */
export function gunzip(): Pipeline<"open", "open"> {
  return transform("gunzip");
}

/** Turns a tar archive into a newc cpio archive, as the kernel wants it for an initrd. */
export function cpio(): Pipeline<"open", "open"> {
  return transform("cpio");
}

function transform(type: TransformNode["type"]): Pipeline<"open", "open"> {
  return new Pipeline({ stages: [{ type }] }, "open", "open");
}
