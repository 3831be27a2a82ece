// Where the console of a machine goes: a file, or stderr.

import { faultOf } from "../host/fault.ts";
import { untrimmedLines } from "../host/printable.ts";
import { writeStderr } from "../host/stderr_tail.ts";
import { tellOnce } from "./notices.ts";

/** The name that stands for stderr. */
export const CONSOLE_STDERR = "-";

/** Longer lines are printed in parts. */
const MAX_LINE = 4096;

/** Receives the console of one machine. Disposing it writes what is left, and closes the file. */
export interface ConsoleSink extends AsyncDisposable {
  /** Writes a chunk of the console. Never rejects: a failure is reported on stderr, once. */
  write(chunk: Uint8Array): Promise<void>;
}

/**
 * Opens the destination of a console: a file, for its bytes as they are, or stderr, as lines
 * without control characters, since a guest could address the terminal.
 *
 * @param target a path; `-` is stderr
 * @param isFirst whether the file is emptied; otherwise it is appended to
 * @throws {Error} if the file cannot be opened.
 */
export async function openConsole(target: string, isFirst: boolean): Promise<ConsoleSink> {
  if (target === CONSOLE_STDERR) return stderrSink();
  const options = { create: true, write: true, ...(isFirst ? { truncate: true } : APPEND) };
  const file = await Deno.open(target, options).catch((error) => {
    const fact = faultOf(error);
    throw new Error(`cannot write the console to ${JSON.stringify(target)}: ${fact}`, {
      cause: error,
    });
  });
  let isFull = false;
  return {
    async write(chunk) {
      try {
        for (let rest = chunk; rest.length > 0 && !isFull;) {
          rest = rest.subarray(await file.write(rest));
        }
      } catch (error) {
        isFull = true;
        const fact = faultOf(error);
        tellOnce(`execvm: the console is no longer written to ${target}: ${fact}`);
      }
    },
    [Symbol.asyncDispose]() {
      file.close();
      return Promise.resolve();
    },
  };
}

const APPEND = { append: true } as const;

function stderrSink(): ConsoleSink {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = "";
  const print = async (text: string) => await writeStderr(encoder.encode(text));
  return {
    async write(chunk) {
      rest += decoder.decode(chunk, { stream: true });
      const end = rest.lastIndexOf("\n") + 1;
      const whole = rest.length - end > MAX_LINE ? rest.length : end;
      if (whole === 0) return;
      const lines = rest.slice(0, whole);
      rest = rest.slice(whole);
      await print(untrimmedLines(lines));
    },
    async [Symbol.asyncDispose]() {
      if (rest !== "") await print(`${untrimmedLines(rest)}\n`);
    },
  };
}
