// Learning that nobody reads the output of a tool any more, where the tool itself does not end of it.

import type { OutputEnd } from "../../io/ends.ts";
import { Fd } from "../../libc/fd.ts";
import { findLibc } from "../../libc/libc.ts";
import { waitFor } from "../../libc/reactor.ts";

/** An output that is watched. */
export interface WatchedOutput extends Disposable {
  /** What the tool is given in place of the output. */
  readonly end: OutputEnd;
}

/**
 * Has `onGone` called once nobody reads `output`. Disposing it, once the tool has ended, closes what was
 * kept open to know.
 */
export function watchReaders(output: OutputEnd, onGone: () => void): WatchedOutput {
  if (output instanceof Fd) return watchFd(output, output.duplicate(), onGone);
  if (output !== "inherit") return watchStream(output, onGone);
  return findLibc() === undefined
    ? { end: output, [Symbol.dispose]() {} }
    : watchFd(output, Fd.borrow(1), onGone);
}

function watchFd(end: OutputEnd, watched: Fd, onGone: () => void): WatchedOutput {
  const waiter = waitFor(watched, 0);
  let isOver = false;
  waiter.ready.then(() => isOver || onGone());
  return {
    end,
    [Symbol.dispose]() {
      isOver = true;
      waiter[Symbol.dispose]();
      watched.close();
    },
  };
}

function watchStream(output: WritableStream<Uint8Array>, onGone: () => void): WatchedOutput {
  const writer = output.getWriter();
  writer.closed.catch(onGone);
  const end = new WritableStream<Uint8Array>({
    write: (chunk) => writer.write(chunk),
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  });
  return { end, [Symbol.dispose]() {} };
}
