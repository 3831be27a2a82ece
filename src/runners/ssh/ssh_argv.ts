// Makes the command lines of OpenSSH's client. Pure.

import { shellLine } from "../../host/quote.ts";

/** The host to connect to, and how. */
export interface SshTarget {
  readonly binary: string;
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** Path of a private key. */
  readonly identity?: string | undefined;
  /** Options for `-o`, by name. */
  readonly options: Readonly<Record<string, string>>;
}

/** The files of a connection on this machine. */
export interface LocalFiles {
  /** The control socket by which the connection is shared. */
  readonly socket: string;
  /** The file that ssh writes its messages to. */
  readonly log: string;
}

/**
 * Returns the argv of the ssh that connects, shares the connection, and runs `argv` on the remote
 * host.
 */
export function connectArgv(
  target: SshTarget,
  files: LocalFiles,
  argv: readonly string[],
): readonly string[] {
  const flags = ["-M", "-S", files.socket, "-o", "ControlPersist=no", "-T"];
  return sshArgv(target, [...flags, "-E", files.log], argv);
}

/** Returns the argv of an ssh that runs `argv` on the remote host over the existing connection. */
export function sessionArgv(
  target: SshTarget,
  files: LocalFiles & { readonly tty: boolean },
  argv: readonly string[],
): readonly string[] {
  // Below LogLevel=ERROR a banner would be mixed into the command's stderr.
  const flags = ["-S", files.socket, "-o", "ControlMaster=no", "-o", "LogLevel=ERROR"];
  const terminal = files.tty ? ["-tt", "-e", "none"] : ["-T"];
  return sshArgv(target, [...flags, ...terminal, "-E", files.log], argv);
}

/**
 * The user's options go first, because ssh takes the first value of an option. The login shell that
 * parses the line is replaced by `argv`.
 */
function sshArgv(
  { binary, host, user, port, identity, options }: SshTarget,
  flags: readonly string[],
  argv: readonly string[],
): readonly string[] {
  return [
    binary,
    ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
    ...flag("-l", user),
    ...flag("-p", port),
    ...flag("-i", identity),
    ...["-o", "RemoteCommand=none"],
    ...flags,
    ...["--", host, `exec ${shellLine(argv)}`],
  ];
}

function flag(name: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [name, String(value)];
}
