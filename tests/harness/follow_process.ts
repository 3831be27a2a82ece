// A process whose lines are shown as they come, and of which the last ones are kept.

import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { show } from "./show.ts";

/** Lines that are kept. */
const TAIL_LINES = 60;

/** A process that prints nothing for that long is taken to hang, and killed. */
const SILENCE_MS = 15 * 60_000;

/** After it has ended, what it has left behind may keep its stdout open for no longer. */
const LINGER_MS = 30_000;

/** How a process ended, and the last that it printed. */
export interface Followed {
  readonly status: Deno.CommandStatus;
  readonly tail: string;
}

/**
 * Runs a program to its end.
 *
 * @param take hears of each line of stdout; whether it is to be shown. Lines of stderr always are
 */
export async function followProcess(
  [program, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
  take: (line: string) => boolean = () => true,
): Promise<Followed> {
  const child = new Deno.Command(program, {
    args,
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const tail: string[] = [];
  let silence = setTimeout(kill, SILENCE_MS);
  function kill() {
    child.kill("SIGKILL");
  }
  const follow = async (stream: ReadableStream<Uint8Array>, isShown: (line: string) => boolean) => {
    for await (const line of createInterface({ input: Readable.fromWeb(stream as never) })) {
      clearTimeout(silence);
      silence = setTimeout(kill, SILENCE_MS);
      if (isShown(line)) show(line);
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
    }
  };
  const following = Promise.all([follow(child.stdout, take), follow(child.stderr, () => true)]);
  const status = await child.status;
  clearTimeout(silence);
  await Promise.race([following, delay(LINGER_MS, undefined, { ref: false })]);
  return { status, tail: tail.join("\n") };
}

/** How a process ended, in words. */
export function howEnded({ code, signal }: Deno.CommandStatus): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}
