// Starts a command before its work is known. It loads what it needs, writes a byte of 0 to its
// stdout to report that it waits, and reads its payload from its stdin, after a length of 8 hex
// digits. The bytes after the payload are its stdin.

import { giveFd } from "../libc/credentials.ts";
import { type Fd, openSmallPipe } from "../libc/fd.ts";
import { libc } from "../libc/libc.ts";
import type { StartedChild } from "../libc/spawn.ts";
import { encodeWord } from "../libc/word.ts";
import type { WaitMessage } from "../machine/protocol.ts";
import { startCommand } from "./command.ts";
import { findUser, give, type User } from "./user.ts";

/** The file where such a command writes its errors until it waits. */
const LOG = "/run/execvm/log";
const SHOWN_LINES = 5;

/** The pipes of a command. */
export type Pipes = Readonly<
  Record<"stdin" | "stdout" | "stderr", { readonly read: Fd; readonly write: Fd }>
>;

/** A command that waits for its payload. */
export interface PreforkedCommand {
  readonly child: StartedChild;
  readonly pipes: Pipes;
}

/** Opens pipes, whose ends are the caller's; the user can reopen them through /proc. */
export function openPipes(user: User | undefined): Pipes {
  const pipes = { stdin: openSmallPipe(), stdout: openSmallPipe(), stderr: openSmallPipe() };
  if (user !== undefined) { for (const { read } of Object.values(pipes)) giveFd(read, user); }
  return pipes;
}

/** Starts a command and returns once it waits. @throws {Error} if it ends before that. */
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

/** Sends a waiting command its payload. */
export function givePayload({ pipes }: PreforkedCommand, payload: string): void {
  const text = encodeWord(payload);
  const length = new TextEncoder().encode(text.length.toString(16).padStart(8, "0"));
  for (const bytes of [length, text]) {
    for (let rest = bytes; rest.length > 0;) {
      const count = Number(libc().write(pipes.stdin.write.number, rest, BigInt(rest.length)));
      if (count <= 0) return; // it has ended, which its exit reports
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
    return "it printed nothing";
  }
}
