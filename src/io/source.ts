// The interface of open sources.

import { faultOf } from "../host/fault.ts";
import type { ItemResult } from "../model/result.ts";
import type { InputEnd } from "./ends.ts";

/** A source that is ready to be read. Disposing it closes what is still open. */
export interface OpenSource extends Disposable {
  /** The end that the first stage reads and owns. */
  readonly end: InputEnd;
  /** Bytes read so far, if they do not pass through JS and are known. */
  bytes(): number | undefined;
  /** For a fan-out: ends all running items and returns the results of all items. */
  finish?(): Promise<readonly ItemResult[]>;
}

/** Returns the readable reason of a failed operation on a path. */
export function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  return faultOf(error);
}
