// A process whose lines are shown as they come, and of which the last ones are kept.

import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { killTree } from "../../src/host/process_tree.ts";
import { killWithUs } from "../../src/host/watchdog.ts";
import { show } from "./show.ts";

/** Lines that are kept. */
const TAIL_LINES = 60;

/** A process that prints nothing for that long is taken to hang, and killed with all that it has started. */
const SILENCE_MS = 15 * 60_000;

/** After it has ended, what it has left behind may keep its stdout open for no longer. */
const LINGER_MS = 30_000;

/** How a process ended, and the last that it printed. */
export interface Followed {
  readonly status: Deno.CommandStatus;
  readonly tail: string;
}

/** How a process is started and followed. */
export interface FollowOptions {
  /** Variables beside ours. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Whether it has none of ours. */
  readonly clearEnv?: boolean;
  /** Milliseconds without a line after which it is killed. @default 900000 */
  readonly silenceMs?: number;
  /** What each line that is shown begins with, where others are shown between them. @default nothing */
  readonly label?: string;
  /** Hears of each line of stdout; whether it is to be shown. Lines of stderr always are. */
  readonly take?: (line: string) => boolean;
}

/** Runs a program to its end; it ends when we do, whatever ends us. */
export async function followProcess(
  [program, ...args]: readonly [string, ...string[]],
  { env, clearEnv = false, silenceMs = SILENCE_MS, label = "", take = () => true }: FollowOptions =
    {},
): Promise<Followed> {
  const child = new Deno.Command(program, {
    args,
    env: { ...env, NO_COLOR: "1" },
    clearEnv,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  using _cleanup = killWithUs({ process: child.pid });
  const tail: string[] = [];
  let silence = setTimeout(kill, silenceMs);
  function kill() {
    killTree(child.pid, "SIGKILL");
  }
  const follow = async (stream: ReadableStream<Uint8Array>, isShown: (line: string) => boolean) => {
    for await (const line of createInterface({ input: Readable.fromWeb(stream as never) })) {
      clearTimeout(silence);
      silence = setTimeout(kill, silenceMs);
      if (isShown(line)) show(`${label}${line}`);
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
    }
  };
  const following = Promise.all([follow(child.stdout, take), follow(child.stderr, () => true)]);
  const status = await child.status;
  clearTimeout(silence);
  const linger = new AbortController();
  const { signal } = linger;
  await Promise.race([following, delay(LINGER_MS, undefined, { signal }).catch(() => {})]);
  linger.abort();
  clearTimeout(silence); // of a line that came late
  return { status, tail: tail.join("\n") };
}

/** How a process ended, in words. */
export function howEnded({ code, signal }: Deno.CommandStatus): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}
