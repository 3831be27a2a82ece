// The local runner: commands are processes on this machine.

import { hasBytes } from "../../libc/word.ts";
import { commandArgv, GROUP_SIGNALS } from "../../model/chain_argv.ts";
import { COPY_OPTION_NAMES, type CopyOptions } from "../../model/copy_options.ts";
import type { ChainNode, CommandNode } from "../../model/nodes.ts";
import { selfArgv } from "../../self/start_again.ts";
import { type ChainNote, noteVariables } from "../contract/chain_note.ts";
import { givenOptions } from "../contract/given_options.ts";
import { innerArgv } from "../contract/inner_argv.ts";
import { makeRunner, type Runner } from "../contract/runner.ts";
import { startHostProcess } from "./host_process.ts";
import { LOCAL_OPTION_SPECS, type LocalOptions } from "./options.ts";
import { type ChainStart, startChain } from "./start_chain.ts";

/** Whether this Deno, and so execvm, accepts arguments that are not UTF-8: 2.7 does not. */
const STARTS_WITH_BYTES = !Deno.version.deno.startsWith("2.7.");

/**
 * Returns a runner that runs commands as processes on this machine. They inherit the environment of
 * this process, plus the variables of the command.
 *
 * @param options whether commands have a terminal
 * @throws {TypeError} if files are to be copied, which are there already.
 *
 * @example
 * ```ts
 * import { local } from "@execvm/execvm";
 *
 * await local().cmd("uname", "-r").text();
 * ```
 */
export function local(options: LocalOptions = {}): Runner {
  refuseCopies(options);
  const { tty } = options;
  return makeRunner({
    kind: "local",
    options: givenOptions(options, LOCAL_OPTION_SPECS),
    argv: localArgv,
    start: (command, stdio) => {
      const process = {
        runner: "local",
        env: command.env,
        cwd: command.cwd,
        terminal: tty ?? false,
      };
      return command.type === "chain"
        ? startChain(process, (note) => chainStart(command, note), stdio)
        : startHostProcess({ ...process, argv: command.args }, stdio);
    },
  });
}

/** @throws {TypeError} if files are to be copied, as from JavaScript. */
function refuseCopies(options: object): void {
  const given = options as CopyOptions;
  const name = COPY_OPTION_NAMES.find((name) => given[name] !== undefined);
  if (name === undefined) return;
  throw new TypeError(`cannot use ${name} with local: its commands use the files of this machine`);
}

/** Returns the argv as plans show it. */
function localArgv(command: CommandNode): readonly string[] {
  return command.type === "chain" ? chainStart(command).argv : command.args;
}

/**
 * Returns how a chain is started: by this same execvm, which runs the chains inside it in one
 * process, or by `sh` if this is another program, or cannot be started with such arguments.
 *
 * @param note where it reports which of its commands runs
 */
function chainStart(command: ChainNode, note?: ChainNote): ChainStart {
  const isRefused = !STARTS_WITH_BYTES && command.commands.flat().some(hasBytes);
  const self = isRefused ? undefined : selfArgv();
  if (self === undefined) return { argv: innerArgv(command, undefined, note), env: {} };
  const argv = [...self, ...commandArgv(command).slice(1)];
  return { argv, env: { ...noteVariables(note), ...GROUP_SIGNALS } };
}
