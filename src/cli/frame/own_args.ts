// Reads the arguments of this process without loss: Deno replaces bytes that are not UTF-8 with
// U+FFFD.

import { decodeWord } from "../../libc/word.ts";
import { say } from "./exit_codes.ts";

const LOST = "\ufffd";
const RUNTIMES = ["node", "deno", "bun"];

/** Decodes as Deno decodes arguments. */
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Returns the arguments with their original bytes, read from the kernel. Launchers that start
 * programs by text, such as npx and `deno task`, have lost such bytes already; then it warns on
 * stderr.
 */
export function ownArgs(): readonly string[] {
  if (!Deno.args.some((word) => word.includes(LOST))) return Deno.args;
  const words = readWords(Deno.args);
  const isLost = words === undefined || isBelowLauncher();
  if (isLost && (words ?? Deno.args).some((word) => word.includes(LOST))) {
    say(
      "an argument contains U+FFFD: npx and deno task replace bytes that are not UTF-8 with it; " +
        "start execvm directly",
    );
  }
  return words ?? Deno.args;
}

/**
 * The last words of the kernel's command line, if `args` were decoded from them; else undefined.
 */
function readWords(args: readonly string[]): readonly string[] | undefined {
  const words = wordsOf().slice(-args.length);
  const isSame = words.length === args.length &&
    words.every((bytes, index) => lossy.decode(bytes) === args[index]);
  return isSame ? words.map(decodeWord) : undefined;
}

function wordsOf(): readonly Uint8Array[] {
  try {
    const line = Deno.readFileSync("/proc/self/cmdline");
    const ends = Array.from(line.entries()).filter(([, byte]) => byte === 0).map(([index]) =>
      index
    );
    return ends.map((end, index) => line.subarray(index === 0 ? 0 : ends[index - 1]! + 1, end));
  } catch {
    return []; // no /proc
  }
}

/** Whether npm, a similar launcher or `deno task` started this process: they set INIT_CWD. */
function isBelowLauncher(): boolean {
  if (Deno.env.has("INIT_CWD")) return true;
  try {
    const program = Deno.readLinkSync(`/proc/${Deno.ppid}/exe`).split("/").at(-1)!;
    return RUNTIMES.includes(program);
  } catch {
    return false; // a process of another user, or no /proc
  }
}
