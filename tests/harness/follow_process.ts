// Runs a process, shows its lines as they arrive and keeps the last ones.

import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { killTree } from "../../src/host/process_tree.ts";
import { killWithUs } from "../../src/host/watchdog.ts";
import { show } from "./show.ts";

/** The number of lines to keep. */
const TAIL_LINES = 60;

/**
 * A process that prints nothing for this long is taken to hang, and killed with all that it has
 * started.
 */
const SILENCE_MS = 15 * 60_000;

/** How long background processes may keep its stdout open once it has ended. */
const LINGER_MS = 30_000;

/** How a process ended, and its last lines. */
export interface Followed {
  readonly status: Deno.CommandStatus;
  readonly tail: string;
}

/** How a process is started and followed. */
export interface FollowOptions {
  /** Variables that are added to ours. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Whether it inherits none of ours. */
  readonly clearEnv?: boolean;
  /** Milliseconds without a line after which it is killed. @default 900000 */
  readonly silenceMs?: number;
  /**
   * The prefix of its lines, if those of other processes are shown between them.
   *
   * @default nothing
   */
  readonly label?: string;
  /**
   * Called with each line of stdout; returns whether to show it. Lines of stderr are always shown.
   */
  readonly take?: (line: string) => boolean;
}

/** Runs a program to its end; it is killed if this process ends in any way. */
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
  clearTimeout(silence); // a late line may have set it
  return { status, tail: tail.join("\n") };
}

/** Describes how a process ended. */
export function howEnded({ code, signal }: Deno.CommandStatus): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}
