// A file that is opened before anything starts and written when all has ended.

import { faultOf } from "../host/fault.ts";
import { openFileSink } from "../io/file_sink.ts";

/** A file to write. Disposing it keeps the old contents, unless it has been written. */
export interface OutputFile extends AsyncDisposable {
  /**
   * Writes the whole contents and moves the file into place; once.
   *
   * @throws {Error} if that fails, such as on a full disk.
   */
  write(text: string): Promise<void>;
}

/** Opens a temporary file next to the target. @throws {Error} if it cannot be written. */
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
        throw new Error(`cannot write ${JSON.stringify(path)}: ${faultOf(cause)}`, { cause });
      }
    },
    async [Symbol.asyncDispose]() {
      if (!isWritten) await sink.abort();
      sink[Symbol.dispose]();
    },
  };
}
