// The ssh runner: commands run on another host.

import type { CommandNode } from "../../model/nodes.ts";
import type { ChainNote } from "../contract/chain_note.ts";
import { givenOptions } from "../contract/given_options.ts";
import { innerArgv, innerEnvironment } from "../contract/inner_argv.ts";
import { makeRunner, type Runner } from "../contract/runner.ts";
import { terminalVariables } from "../contract/terminal_variables.ts";
import { remoteExecvmArgv } from "../remote/request.ts";
import { WhenUsed } from "../contract/when_used.ts";
import type { SshPlace } from "./command.ts";
import { checkSshOptions, SSH_OPTION_SPECS, type SshOptions } from "./options.ts";
import { remoteArgv, verdictPath } from "./remote_programs.ts";
import { sessionArgv, type SshTarget } from "./ssh_argv.ts";

/** What a plan shows, as a connection has files of its own. */
const ANY_PLACE = { note: "NOTE", socket: "SOCKET", log: "LOG", execvm: ["EXECVM"] } as const;

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
 * With an `inner` runner each command is run by that one over there, in a virtual machine for one. An
 * execvm there does it, so that codes and signals are told apart.
 *
 * @throws {TypeError | RangeError} if an option is not what it should be.
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
  const { inner } = options;
  const target: SshTarget = { binary: "ssh", ...options, options: options.options ?? {} };
  const tty = options.tty ?? inner?.options["tty"] === true;
  const given = givenOptions(options, SSH_OPTION_SPECS);
  const toArgv = (command: CommandNode, { note, execvm, ...files }: SshPlace, told?: ChainNote) => {
    const { cwd } = command;
    const shown = tty ? terminalVariables() : {}; // ssh itself passes on no more than TERM
    const request = { inner: given["inner"] ?? null, verdict: verdictPath(note) };
    const remote = inner === undefined
      ? {
        argv: innerArgv(command, options.chain, told),
        env: { ...shown, ...innerEnvironment(command, options.chain, told) },
        cwd,
      }
      : { argv: remoteExecvmArgv(execvm, command, request), env: shown, cwd: undefined };
    return sessionArgv(target, { ...files, tty }, remoteArgv(remote, note));
  };
  const commands = new WhenUsed(async () => {
    const { SshCommands } = await import("./commands.ts");
    return new SshCommands(target, options);
  });
  return makeRunner({
    kind: "ssh",
    options: given,
    argv: (command) => toArgv(command, ANY_PLACE),
    async start(command, stdio, onPhase) {
      const tellsLink = command.type === "chain" && inner === undefined;
      const withPlace = (place: SshPlace) =>
        toArgv(command, place, tellsLink ? { path: verdictPath(place.note) } : undefined);
      const request = { toArgv: withPlace, tty, onPhase, tellsLink };
      return await (await commands.get()).start(request, stdio);
    },
    dispose: () => commands[Symbol.asyncDispose](),
  });
}
