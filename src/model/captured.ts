// The options and the result of `capture`.

import type { Json } from "./nodes.ts";
import { requireCount } from "./require_count.ts";
import type { EachResult, ItemResult, Result } from "./result.ts";
import type { RunOptions } from "./run_options.ts";

/** How captured output is returned: decoded as UTF-8, or as it is. */
export type Encoding = "text" | "bytes";

/** The options of `capture`: those of a run, without `check`, because it returns the result. */
export interface CaptureOptions<As extends Encoding = Encoding>
  extends Omit<RunOptions, "check" | "stderr"> {
  /**
   * How stdout and stderr are returned: `text` decodes UTF-8 and drops a trailing newline, `bytes`
   * changes nothing.
   *
   * @default "text"
   */
  readonly encoding?: As;
  /** Bytes to keep of stdout, and of stderr; commands can write more. @default 67108864 */
  readonly maxOutputBytes?: number;
  /**
   * Whether stderr is only captured, or also forwarded to the stderr of this process.
   *
   * @default "capture"
   */
  readonly stderr?: "capture" | "forward";
}

/** The result of a pipeline and its output. */
export interface Captured<As extends Encoding = Encoding> extends Result {
  /** The output of the pipeline; see `truncated`. */
  readonly stdout: OutputAs<As>;
  /**
   * The stderr of all commands without a stderr sink, line by line in the order of arrival; see
   * `truncated`. The last 8 KiB of each command are in `stages`.
   */
  readonly stderr: OutputAs<As>;
  /** Whether stdout or stderr exceeded `maxOutputBytes`; the rest was dropped. */
  readonly truncated: boolean;
}

/** The result of one item of a fan-out and its output. */
export interface CapturedItem<As extends Encoding = Encoding, Item extends Json = Json>
  extends ItemResult<Item> {
  /** The output of its pipeline; see `truncated`. */
  readonly stdout: OutputAs<As>;
  /** The stderr of its commands without a stderr sink, in the last attempt; see `truncated`. */
  readonly stderr: OutputAs<As>;
  /** Whether stdout or stderr exceeded `maxOutputBytes`; the rest was dropped. */
  readonly truncated: boolean;
}

/** The result of a fan-out and the output of each item. */
export interface CapturedEach<As extends Encoding = Encoding, Item extends Json = Json>
  extends EachResult<Item> {
  /** The result and output of each item, in order. */
  readonly items: readonly CapturedItem<As, Item>[];
}

/** The type of captured output: a string, or bytes. */
export type OutputAs<As extends Encoding> = As extends "text" ? string : Uint8Array<ArrayBuffer>;

/** How many bytes of stdout, and of stderr, are kept by default. */
export const CAPTURE_BYTES: number = 64 << 20;

/**
 * Validates the options that a run does not have, which may be of any type in JavaScript.
 *
 * @throws {TypeError} if `encoding` or `stderr` has another value.
 * @throws {RangeError} if `maxOutputBytes` is out of range.
 */
export function checkCaptureOptions({ encoding, stderr, maxOutputBytes }: CaptureOptions): void {
  requireOneOf("encoding", encoding, ["text", "bytes"]);
  requireOneOf("stderr", stderr, ["capture", "forward"]);
  requireCount("capture the output", { maxOutputBytes }, { least: 0 });
}

function requireOneOf(name: string, value: unknown, known: readonly string[]): void {
  if (value === undefined || known.includes(value as string)) return;
  const given = JSON.stringify(value) ?? String(value);
  throw new TypeError(
    `cannot capture the output with ${name} ${given}: it is one of ${known.join(", ")}`,
  );
}
