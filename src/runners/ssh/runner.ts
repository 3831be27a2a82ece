// The ssh runner: commands run on a remote host.

import { checkCopies, copiesAsJson } from "../../model/copy_options.ts";
import type { CommandNode } from "../../model/nodes.ts";
import type { ChainNote } from "../contract/chain_note.ts";
import { givenOptions } from "../contract/given_options.ts";
import { innerArgv, innerEnvironment } from "../contract/inner_argv.ts";
import { makeRunner, type Runner } from "../contract/runner.ts";
import { terminalVariables } from "../contract/terminal_variables.ts";
import { passOn } from "../remote/inner_copies.ts";
import { folderFor, needsFolder } from "../remote/private_folder.ts";
import { remoteExecvmArgv } from "../remote/request.ts";
import { WhenUsed } from "../contract/when_used.ts";
import type { SshPlace } from "./command.ts";
import { checkSshOptions, SSH_OPTION_SPECS, type SshOptions } from "./options.ts";
import { remoteArgv, verdictPath } from "./remote_programs.ts";
import { sessionArgv, type SshTarget } from "./ssh_argv.ts";

/** Placeholders in a plan for the files of a connection. */
const ANY_PLACE = { note: "NOTE", socket: "SOCKET", log: "LOG", execvm: ["EXECVM"] } as const;

/**
 * Returns a runner that runs each command on a remote host by OpenSSH's client, with the user's
 * configuration: keys, known hosts, agents and jump hosts. Argv, environment, streams, signals and
 * status are those of a local process. Commands share one connection, which is closed when the
 * caller disposes the runner or this process ends; commands that still run then are killed.
 *
 * The remote host needs a POSIX `sh`, and a POSIX login shell. Argv and environment are limited to
 * 128 KiB. A command that exits with 128+n by itself cannot be distinguished from one killed by
 * signal n. All users of both hosts can read argv and variables.
 *
 * With an `inner` runner, such as `vm()`, an execvm on the remote host runs each command by that
 * runner. Codes and signals can then be distinguished.
 *
 * @param options the host, and how to connect
 * @throws {TypeError} if an option is invalid.
 * @throws {RangeError} if a number among the options is out of range.
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
  checkCopies(options, "any");
  const given = givenOptions(copiesAsJson(options), SSH_OPTION_SPECS);
  const { copies, inner: innerForm } = passOn(options, given["inner"]);
  const hasFolder = needsFolder(copies);
  const toArgv = (command: CommandNode, place: SshPlace, told?: ChainNote) => {
    const { note, execvm, folder, ...files } = place;
    const cwd = folderFor(folder, command.cwd);
    const shown = tty ? terminalVariables() : {}; // ssh itself only passes on TERM
    const request = { inner: innerForm ?? null, verdict: verdictPath(note) };
    const remote = inner === undefined
      ? {
        argv: innerArgv(command, options.chain, told),
        env: { ...shown, ...innerEnvironment(command, options.chain, told) },
        cwd,
      }
      : { argv: remoteExecvmArgv(execvm, command, request), env: shown, cwd: folder };
    return sessionArgv(target, { ...files, tty }, remoteArgv(remote, note));
  };
  const commands = new WhenUsed(async () => {
    const { SshCommands } = await import("./commands.ts");
    return new SshCommands(target, options);
  });
  return makeRunner({
    kind: "ssh",
    options: given,
    copies,
    argv: (command) => toArgv(command, hasFolder ? { ...ANY_PLACE, folder: "FOLDER" } : ANY_PLACE),
    async start(command, stdio, onPhase, copier) {
      const tellsLink = command.type === "chain" && inner === undefined;
      const withPlace = (place: SshPlace) =>
        toArgv(command, place, tellsLink ? { path: verdictPath(place.note) } : undefined);
      const request = { toArgv: withPlace, tty, onPhase, tellsLink, copier, hasFolder };
      return await (await commands.get()).start(request, stdio);
    },
    dispose: () => commands[Symbol.asyncDispose](),
  });
}
