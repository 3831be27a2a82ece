// The stderr of a stage: passed on to ours, its last bytes kept for errors and results.

type Bytes = Uint8Array;

/** Bytes of stderr that are kept. */
export const TAIL_BYTES: number = 8 << 10;

/** The last bytes of what was written, as text. */
export class StderrTail {
  #bytes: Bytes = new Uint8Array();

  /** Adds bytes, dropping from the front what is over the limit. */
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

/** Until disposed, `write` is given what is to go to our stderr, as something else is shown there too. */
export function lendStderr(write: Writer): Disposable {
  borrower = write;
  return {
    [Symbol.dispose]() {
      if (borrower === write) borrower = undefined;
    },
  };
}

/** Writes all of it to our stderr; nobody there to read it is no failure. */
export async function writeStderr(chunk: Bytes): Promise<void> {
  if (borrower !== undefined) return borrower(chunk);
  try {
    for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await Deno.stderr.write(rest));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
