// The command lines of OpenSSH's client. Pure.

import { shellLine } from "../../host/quote.ts";

/** Where to connect to, and how. */
export interface SshTarget {
  readonly binary: string;
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** Path of a private key. */
  readonly identity?: string | undefined;
  /** What `-o` takes, by name. */
  readonly options: Readonly<Record<string, string>>;
}

/** The files of a connection on this machine. */
export interface LocalFiles {
  /** The socket that the connection is shared by. */
  readonly socket: string;
  /** Where ssh writes what it has to say. */
  readonly log: string;
}

/** The argv that connects, lets others share the connection, and runs `argv` at the far side. */
export function connectArgv(
  target: SshTarget,
  files: LocalFiles,
  argv: readonly string[],
): readonly string[] {
  const flags = ["-M", "-S", files.socket, "-o", "ControlPersist=no", "-T"];
  return sshArgv(target, [...flags, "-E", files.log], argv);
}

/** The argv that runs `argv` at the far side over the connection that is there. */
export function sessionArgv(
  target: SshTarget,
  files: LocalFiles & { readonly tty: boolean },
  argv: readonly string[],
): readonly string[] {
  // A banner would be among what the command says, if it were shown.
  const flags = ["-S", files.socket, "-o", "ControlMaster=no", "-o", "LogLevel=ERROR"];
  const terminal = files.tty ? ["-tt", "-e", "none"] : ["-T"];
  return sshArgv(target, [...flags, ...terminal, "-E", files.log], argv);
}

/**
 * Of options that are there twice ssh takes the first. The user's shell at the far side, which reads the
 * line, makes way for `argv`.
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
