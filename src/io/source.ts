// What an open source is.

import { faultOf } from "../host/fault.ts";
import type { ItemResult } from "../model/result.ts";
import type { InputEnd } from "./ends.ts";

/** A source that is ready to be read. Disposing it ends what is still open of it. */
export interface OpenSource extends Disposable {
  /** For the first stage, which owns it. */
  readonly end: InputEnd;
  /** Bytes taken so far, if they do not pass through JS and can be known. */
  bytes(): number | undefined;
  /** Of a fan-out: ends what still runs; how all items went. */
  finish?(): Promise<readonly ItemResult[]>;
}

/** What is wrong with a path, in words. */
export function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  return faultOf(error);
}
