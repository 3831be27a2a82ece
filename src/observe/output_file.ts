// A file that is made sure of before anything starts, and is written once all is over.

import { faultOf } from "../host/fault.ts";
import { openFileSink } from "../io/file_sink.ts";

/** A file that can be written. Disposing it leaves what was there before, unless it has been written. */
export interface OutputFile extends AsyncDisposable {
  /** Writes all of it, and puts it in its place; once. @throws {Error} if the disk is full, or the like. */
  write(text: string): Promise<void>;
}

/** Opens a file aside of where it is to be. @throws {Error} if it cannot be written. */
export async function openOutputFile(path: string): Promise<OutputFile> {
  const sink = await openFileSink(path);
  let isWritten = false;
  return {
    async write(text) {
      try {
        await sink.consume(new Blob([text]).stream(), new AbortController().signal);
        await sink.commit();
        isWritten = true;
      } catch (error) {
        const cause = error instanceof Error && error.cause || error;
        throw new Error(`Cannot write ${JSON.stringify(path)} as ${faultOf(cause)}`, { cause });
      }
    },
    async [Symbol.asyncDispose]() {
      if (!isWritten) await sink.abort();
      sink[Symbol.dispose]();
    },
  };
}
