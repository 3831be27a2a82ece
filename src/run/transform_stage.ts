// Runs one transform of a pipeline, in this process.

import { StderrTail } from "../host/stderr_tail.ts";
import { type Counter, tap } from "../io/tap.ts";
import { messageOf, RunnerError } from "../model/errors.ts";
import type { TransformNode } from "../model/nodes.ts";
import type { ExitStatus } from "../runners/contract/runner.ts";

type Bytes = Uint8Array;

/** A running transform. Like a command it ends with an exit code, 1 if its input is invalid. */
export interface TransformStage {
  readonly output: ReadableStream<Bytes>;
  readonly exited: Promise<ExitStatus>;
  /** The error message, in place of a command's stderr. */
  readonly tail: StderrTail;
}

/** Starts a transform on `input`, which it owns. When `stopped` resolves, it ends with SIGTERM. */
export async function startTransform(
  node: TransformNode,
  input: ReadableStream<Bytes>,
  counter: Counter,
  stopped: Promise<void>,
): Promise<TransformStage> {
  const { promise: exited, resolve: end, reject: fail } = Promise.withResolvers<ExitStatus>();
  const tail = new StderrTail();
  stopped.then(() => end({ signal: "SIGTERM" }));
  const output = tap(input.pipeThrough(await open(node)), counter, {
    onEnd: () => end({ code: 0 }),
    onFailure(error) {
      if (error instanceof RunnerError) return fail(error); // what it needs is missing
      tail.push(new TextEncoder().encode(messageOf(error)));
      end({ code: 1 });
    },
  });
  return { output, exited, tail };
}

/** Loads the implementation when it is first used, because most programs use no transforms. */
async function open(node: TransformNode): Promise<ReadableWritablePair<Bytes, Bytes>> {
  switch (node.type) {
    case "gzip":
      return (await import("../archive/gzip.ts")).gzipStream();
    case "gunzip":
      return (await import("../archive/gzip.ts")).gunzipStream();
    case "cpio":
      return (await import("../archive/tar_to_cpio.ts")).tarToCpio();
    case "dockerBuild":
      return (await import("../runners/docker/build.ts")).buildImage(node);
  }
}
