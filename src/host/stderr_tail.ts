// Passes the stderr of a stage on to ours and keeps its last bytes for errors and results.

type Bytes = Uint8Array;

/** The number of bytes of stderr that are kept. */
export const TAIL_BYTES: number = 8 << 10;

/** A buffer of the last {@linkcode TAIL_BYTES} that were pushed, as text. */
export class StderrTail {
  #bytes: Bytes = new Uint8Array();

  /** Adds bytes and drops the oldest beyond the limit. */
  push(chunk: Bytes): void {
    const kept = chunk.subarray(-TAIL_BYTES);
    const before = this.#bytes.subarray(-(TAIL_BYTES - kept.length) || this.#bytes.length);
    const joined = new Uint8Array(before.length + kept.length);
    joined.set(before);
    joined.set(kept, before.length);
    this.#bytes = joined;
  }

  toString(): string {
    return new TextDecoder().decode(this.#bytes);
  }
}

type Writer = (chunk: Bytes) => void;

let borrower: Writer | undefined;

/** Redirects what is written to our stderr to `write` until disposed, as for a progress display. */
export function lendStderr(write: Writer): Disposable {
  borrower = write;
  return {
    [Symbol.dispose]() {
      if (borrower === write) borrower = undefined;
    },
  };
}

/** Writes all of `chunk` to our stderr. A closed stderr is not an error. */
export async function writeStderr(chunk: Bytes): Promise<void> {
  if (borrower !== undefined) return borrower(chunk);
  try {
    for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await Deno.stderr.write(rest));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
