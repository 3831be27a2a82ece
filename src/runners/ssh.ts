// The ssh runner: commands run on another host.

import type { CommandNode } from "../blocks/nodes.ts";
import { farArgv } from "../ssh/far_programs.ts";
import { SharedConnection } from "../ssh/shared_connection.ts";
import { sessionArgv, type SshTarget } from "../ssh/ssh_argv.ts";
import { givenOptions } from "./given_options.ts";
import { innerArgv } from "./inner_argv.ts";
import { makeRunner, type Runner, type RunnerType } from "./runner.ts";
import { startOverSsh } from "./ssh_command.ts";
import { checkSshOptions, SSH_OPTION_SPECS, type SshOptions } from "./ssh_options.ts";

/** What a plan shows, as a connection has files of its own. */
const ANY_FILES = { socket: "SOCKET", log: "LOG" } as const;
const ANY_NOTE = "NOTE";

/**
 * Runs each command on a host that OpenSSH's client reaches, with the user's own configuration: keys,
 * known hosts, agents and jumps. Its argv, environment, streams, signals and status are as those of a
 * local process. Commands share one connection, which lasts until the runner is disposed or this process
 * ends; a command that still runs then is killed.
 *
 * The far side needs a POSIX `sh`, also as the shell of the user, and takes 128 KiB of argv and
 * environment. A command that exits with 128+n by itself cannot be told from one that died of signal n.
 * Argv and variables can be read by all users of both hosts.
 *
 * @throws {TypeError} if an option is not what it should be.
 *
 * @example
 * ```ts
 * import { ssh } from "@execvm/execvm";
 *
 * async function example(): Promise<void> {
 *   await using build = ssh({ host: "build.example.org" });
 *   await build.cmd("uname", "-r").text();
 * }
 * ```
 */
export function ssh(options: SshOptions): Runner {
  checkSshOptions(options);
  const target: SshTarget = { binary: "ssh", ...options, options: options.options ?? {} };
  const tty = options.tty === true;
  const shared = new SharedConnection(target, options.multiplex === false ? "alone" : "shared");
  const toFar = (command: CommandNode, note: string) => {
    const { env, cwd } = command;
    return farArgv({ argv: innerArgv(command, options.chain), env, cwd }, note);
  };
  return makeRunner({
    kind: "ssh",
    options: givenOptions(options, SSH_OPTION_SPECS),
    argv: (command) => sessionArgv(target, { ...ANY_FILES, tty }, toFar(command, ANY_NOTE)),
    start(command, stdio, tell) {
      const toArgv = (note: string, files: { socket: string; log: string }) =>
        sessionArgv(target, { ...files, tty }, toFar(command, note));
      return startOverSsh({ toArgv, tty, tell }, () => shared.take(), stdio);
    },
    dispose: () => shared[Symbol.asyncDispose](),
  });
}

/** The kind of runner that {@linkcode ssh} makes. */
export const sshType: RunnerType = {
  kind: "ssh",
  summary: "another host, by OpenSSH",
  place: "host",
  options: SSH_OPTION_SPECS,
  create: (options) => ssh(options as unknown as SshOptions),
};
