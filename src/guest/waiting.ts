// A command that is started before it is known what it is to do: it loads what it needs, says that it waits by
// a byte of 0 on its stdout, and reads its payload from its stdin, behind their length as 8 hex digits. What
// comes after that is its stdin.

import { giveFd } from "../libc/credentials.ts";
import { type Fd, openSmallPipe } from "../libc/fd.ts";
import { libc } from "../libc/libc.ts";
import type { StartedChild } from "../libc/spawn.ts";
import { encodeWord } from "../libc/word.ts";
import type { WaitMessage } from "../machine/protocol.ts";
import { startCommand } from "./command.ts";
import { findUser, give, type User } from "./user.ts";

/** Where such a command writes what it has to say until it waits. */
const LOG = "/run/execvm/log";
const SHOWN_LINES = 5;

/** The pipes of a command. */
export type Pipes = Readonly<
  Record<"stdin" | "stdout" | "stderr", { readonly read: Fd; readonly write: Fd }>
>;

/** A command that waits. */
export interface PreforkedCommand {
  readonly child: StartedChild;
  readonly pipes: Pipes;
}

/** New pipes, whose ends are the caller's; their user can open them again by name. */
export function openPipes(user: User | undefined): Pipes {
  const pipes = { stdin: openSmallPipe(), stdout: openSmallPipe(), stderr: openSmallPipe() };
  if (user !== undefined) { for (const { read } of Object.values(pipes)) giveFd(read, user); }
  return pipes;
}

/** Starts it, and comes back when it waits. @throws {Error} if it ends before. */
export function prefork({ argv, env, user: name }: WaitMessage): PreforkedCommand {
  const user = name === undefined ? undefined : findUser(name);
  if (user !== undefined) makeLog(user);
  const pipes = openPipes(user);
  const { stdin, stdout, stderr } = pipes;
  const given = { stdin: stdin.read, stdout: stdout.write, stderr: stderr.write };
  const child = startCommand(argv, { env, cwd: "/", user, ...given });
  for (const fd of Object.values(given)) fd.close();
  const byte = new Uint8Array([1]);
  const count = libc().read(stdout.read.number, byte, 1n);
  if (Number(count) === 1 && byte[0] === 0) return { child, pipes };
  for (const fd of [stdin.write, stdout.read, stderr.read]) fd.close();
  throw new Error(`it ended before it waited: ${lastWords()}`);
}

/** Tells it what to do. */
export function givePayload({ pipes }: PreforkedCommand, payload: string): void {
  const text = encodeWord(payload);
  const length = new TextEncoder().encode(text.length.toString(16).padStart(8, "0"));
  for (const bytes of [length, text]) {
    for (let rest = bytes; rest.length > 0;) {
      const count = Number(libc().write(pipes.stdin.write.number, rest, BigInt(rest.length)));
      if (count <= 0) return; // it has ended, as is told soon
      rest = rest.subarray(count);
    }
  }
}

function makeLog(user: User): void {
  Deno.writeTextFileSync(LOG, "");
  give(LOG, user);
}

function lastWords(): string {
  try {
    return Deno.readTextFileSync(LOG).trim().split("\n").slice(-SHOWN_LINES).join("\n");
  } catch {
    return "it said nothing";
  }
}
