// The options of the ssh runner, in TypeScript, JSON and on the command line.

import { type OptionSpec, parseOption, requireNumbers } from "../contract/option_spec.ts";
import { checkRemoteOptions, REMOTE_OPTION_SPECS, type RemoteOptions } from "../remote/options.ts";

/** How the far side is reached. */
export interface SshOptions extends RemoteOptions {
  /** The host, as ssh takes it: a name, an address, or one that its configuration has. */
  readonly host: string;
  /** Who to be there. @default as ssh is configured */
  readonly user?: string;
  /** The port. @default as ssh is configured */
  readonly port?: number;
  /** Path of a private key. @default as ssh is configured */
  readonly identity?: string;
  /** More of what `ssh -o` takes, by name, such as `{ ConnectTimeout: "5" }`. */
  readonly options?: Readonly<Record<string, string>>;
  /** Whether commands share one connection; otherwise each has its own. @default true */
  readonly multiplex?: boolean;
  /** Where the far side has an execvm, which then runs chains. @default its `sh` runs them */
  readonly chain?: string;
  /** The program that connects: OpenSSH's client. @default "ssh" */
  readonly binary?: string;
  /**
   * Give each command a terminal of its own; its stderr is then part of its stdout.
   *
   * @default as the inner runner does
   */
  readonly tty?: boolean;
}

/** How they are written in JSON and on the command line. */
export const SSH_OPTION_SPECS = {
  host: { type: "string", summary: "host to run on", names: "ssh host" },
  user: { type: "string", summary: "who to be there", defaultText: "as ssh is configured" },
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
  },
  options: {
    type: "map",
    summary: "what ssh -o takes; may be repeated",
    entry: { flag: "option", placeholder: "NAME=VALUE", parse: parseOption },
  },
  multiplex: {
    type: "boolean",
    summary: "have commands share one connection",
    negatable: true,
  },
  chain: { type: "string", summary: "path of an execvm over there, which then runs chains" },
  binary: {
    type: "string",
    summary: "the program that connects",
    defaultText: "ssh",
    names: "file",
  },
  tty: { type: "boolean", summary: "give the command a terminal of its own", alias: "t" },
  ...REMOTE_OPTION_SPECS,
} satisfies Record<keyof SshOptions, OptionSpec>;

/**
 * Checks what ssh would take for something else. What it can judge by itself is left to it.
 *
 * @throws {TypeError | RangeError} if an option is not what it should be.
 */
export function checkSshOptions(given: SshOptions): void {
  // From JSON or JavaScript they may be anything.
  const { host, options = {} }: { [key in keyof SshOptions]: unknown } = given;
  if (typeof host !== "string" || host === "" || host.startsWith("-")) {
    const fact = host === undefined ? "no host is given" : `${JSON.stringify(host)} is no host`;
    throw new TypeError(`Cannot run by ssh as ${fact}: take the name or address of one`);
  }
  checkRemoteOptions(given);
  requireNumbers("run by ssh", given, SSH_OPTION_SPECS);
  for (const [name, value] of Object.entries(Object(options))) {
    if (typeof value === "string" && /^[A-Za-z0-9]+$/.test(name)) continue;
    throw new TypeError(
      `Cannot give ssh the option ${JSON.stringify(name)} as it is no Name=value`,
    );
  }
}
