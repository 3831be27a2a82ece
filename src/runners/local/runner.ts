// The local runner: commands are processes on this machine.

import { hasBytes } from "../../libc/word.ts";
import { commandArgv } from "../../model/chain_argv.ts";
import { COPY_OPTION_NAMES, type CopyOptions } from "../../model/copy_options.ts";
import type { ChainNode, CommandNode } from "../../model/nodes.ts";
import { selfArgv } from "../../self/start_again.ts";
import type { ChainNote } from "../contract/chain_note.ts";
import { givenOptions } from "../contract/given_options.ts";
import { innerArgv } from "../contract/inner_argv.ts";
import { makeRunner, type Runner } from "../contract/runner.ts";
import { startHostProcess } from "./host_process.ts";
import { LOCAL_OPTION_SPECS, type LocalOptions } from "./options.ts";
import { startChain } from "./start_chain.ts";

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
        argv: localArgv(command),
        env: command.env,
        cwd: command.cwd,
        terminal: tty ?? false,
      };
      return command.type === "chain"
        ? startChain(process, (note) => chainArgv(command, note), stdio)
        : startHostProcess(process, stdio);
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

/** A chain is run by this same execvm, which runs the chains inside it in one process. */
function localArgv(command: CommandNode): readonly string[] {
  const argv = commandArgv(command);
  return command.type === "chain" ? [...selfArgv(), ...argv.slice(1)] : argv;
}

/**
 * Returns the argv that runs a chain: by `sh` if execvm cannot be started with its arguments.
 *
 * @param note where it reports which of its commands runs
 */
function chainArgv(command: ChainNode, note: ChainNote): readonly string[] {
  return !STARTS_WITH_BYTES && command.commands.flat().some(hasBytes)
    ? innerArgv(command, undefined, note)
    : localArgv(command);
}
