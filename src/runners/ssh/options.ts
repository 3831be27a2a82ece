// The options of the ssh runner for TypeScript, JSON and the command line.

import type { CopyOptions } from "../../model/copy_options.ts";
import { COPY_OPTION_SPECS } from "../contract/copy_specs.ts";
import { type OptionSpec, parseOption, requireNumbers } from "../contract/option_spec.ts";
import { checkRemoteOptions, REMOTE_OPTION_SPECS, type RemoteOptions } from "../remote/options.ts";

/** How the remote host is reached, and how commands run there. */
export interface SshOptions extends RemoteOptions, CopyOptions {
  /** The host: a name, an address, or a `Host` of ssh's configuration. */
  readonly host: string;
  /** The remote user. @default from ssh's configuration */
  readonly user?: string;
  /** The port. @default from ssh's configuration */
  readonly port?: number;
  /** Path of a private key. @default from ssh's configuration */
  readonly identity?: string;
  /** Further options for `ssh -o`, by name, such as `{ ConnectTimeout: "5" }`. */
  readonly options?: Readonly<Record<string, string>>;
  /** Whether commands share one connection; otherwise each opens its own. @default true */
  readonly multiplex?: boolean;
  /** Path of an execvm on the remote host, to run chains. @default its `sh` runs them */
  readonly chain?: string;
  /** The program to run: OpenSSH's client. @default "ssh" */
  readonly binary?: string;
  /**
   * Whether each command has its own terminal, which merges stderr into stdout.
   *
   * @default that of the inner runner
   */
  readonly tty?: boolean;
}

/** How they are written in JSON and on the command line. */
export const SSH_OPTION_SPECS: Readonly<Record<keyof SshOptions, OptionSpec>> = {
  host: { type: "string", summary: "host to run on", names: "ssh host" },
  user: {
    type: "string",
    placeholder: "USER",
    summary: "user to log in as",
    defaultText: "as ssh is configured",
  },
  port: {
    type: "number",
    range: { most: 65535 },
    summary: "port of the host",
    defaultText: "as ssh is configured",
  },
  identity: {
    type: "string",
    summary: "path of a private key",
    defaultText: "as ssh is configured",
    names: "file",
    hostPaths: { use: "read" },
  },
  options: {
    type: "map",
    summary: "an option for ssh -o; may be repeated",
    entry: { flag: "option", placeholder: "NAME=VALUE", parse: parseOption },
  },
  multiplex: {
    type: "boolean",
    summary: "share one connection between commands",
    negatable: true,
  },
  chain: {
    type: "string",
    placeholder: "PATH",
    summary: "path of execvm on the remote host, to run chains with it",
  },
  binary: {
    type: "string",
    summary: "the program to connect with, with ssh's command line",
    defaultText: "ssh",
    names: "file",
    hostPaths: { use: "run" },
  },
  tty: { type: "boolean", summary: "allocate a terminal for the command", alias: "t" },
  ...REMOTE_OPTION_SPECS,
  ...COPY_OPTION_SPECS,
};

/**
 * Checks the values that ssh would misinterpret; what ssh itself rejects is left to it.
 *
 * @throws {TypeError | RangeError} if an option is invalid.
 */
export function checkSshOptions(given: SshOptions): void {
  // From JSON or JavaScript they may be anything.
  const { host, options = {} }: { [key in keyof SshOptions]: unknown } = given;
  if (typeof host !== "string" || host === "" || host.startsWith("-")) {
    const fact = host === undefined ? "no host is given" : `${JSON.stringify(host)} is not a host`;
    throw new TypeError(`cannot run by ssh: ${fact}: give a name or an address`);
  }
  checkRemoteOptions(given);
  requireNumbers("run by ssh", given, SSH_OPTION_SPECS);
  for (const [name, value] of Object.entries(Object(options))) {
    if (typeof value === "string" && /^[A-Za-z0-9]+$/.test(name)) continue;
    throw new TypeError(
      `cannot give ssh the option ${JSON.stringify(name)}: it is not Name=value`,
    );
  }
}
