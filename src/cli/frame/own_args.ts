// The arguments of this process as words: Deno has U+FFFD in place of what is no UTF-8.

import { decodeWord } from "../../libc/word.ts";
import { say } from "./exit_codes.ts";

const LOST = "\ufffd";
const RUNTIMES = ["node", "deno", "bun"];

/** As Deno decodes arguments. */
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The arguments, with the bytes that the kernel has of them. What starts programs by text, such as npx and `deno task`,
 * has lost them before: that is told on stderr.
 */
export function ownArgs(): readonly string[] {
  if (!Deno.args.some((word) => word.includes(LOST))) return Deno.args;
  const words = readWords(Deno.args);
  const isLost = words === undefined || isBelowLauncher();
  if (isLost && (words ?? Deno.args).some((word) => word.includes(LOST))) {
    say(
      "an argument has U+FFFD, as what starts execvm may have put in place of bytes that are not UTF-8: " +
        "npx and deno task do; start execvm itself",
    );
  }
  return words ?? Deno.args;
}

/** The last words of the command line, if those are what `args` were made of. */
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

/** npm, its like and `deno task` tell their programs where they were started. */
function isBelowLauncher(): boolean {
  if (Deno.env.has("INIT_CWD")) return true;
  try {
    const program = Deno.readLinkSync(`/proc/${Deno.ppid}/exe`).split("/").at(-1)!;
    return RUNTIMES.includes(program);
  } catch {
    return false; // somebody else's process, or no /proc
  }
}
