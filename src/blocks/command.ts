// Commands: a program, or a chain of them.

import { isWord, showWord } from "../libc/word.ts";
import {
  CHAIN_STDOUTS,
  type ChainStdout,
  type CommandNode,
  type RunnerRef,
} from "../model/nodes.ts";
import { toWord, toWordList, toWords, type Word } from "../model/word.ts";
import { Pipeline, type Sink } from "./pipeline.ts";

export type { Word };

/** A program with its arguments; the program first. */
export type Argv = readonly [string, ...string[]];

/** An argv whose words need not be UTF-8. */
export type Words = readonly [Word, ...Word[]];

/**
 * A command that has not run yet. It is a pipeline of one stage, so it can be piped and run as it is.
 * Each method returns a new command.
 */
export class Command extends Pipeline<"open", "open"> {
  /** What it is made of: program, arguments and settings. */
  readonly node: CommandNode;

  /** Made by `cmd`, `chain` and `runner.cmd`. */
  constructor(node: CommandNode) {
    super({ stages: [node] }, "open", "open");
    this.node = this.description.stages[0] as CommandNode;
    Object.freeze(this);
  }

  /**
   * Adds environment variables to what the runner gives anyway; the last word on a name wins.
   *
   * @throws {TypeError} if a name is empty or has `=` in it, or something has a NUL or is no word.
   */
  env(variables: Readonly<Record<string, Word>>): Command {
    Object.keys(variables).forEach(requireName);
    return new Command({ ...this.node, env: { ...this.node.env, ...toWords(variables) } });
  }

  /** The folder to run in, on the computer where it runs. */
  cwd(directory: Word): Command {
    if (directory.length === 0) throw new TypeError('Cannot run in "" as it is no path');
    return new Command({ ...this.node, cwd: toWord(directory, "the folder") });
  }

  /** The runner to use, whatever the pipeline is run with. */
  on(runner: RunnerRef): Command {
    if (typeof runner?.kind !== "string" || typeof runner.argv !== "function") {
      throw new TypeError("Cannot run on this as it is no runner");
    }
    return new Command({ ...this.node, runner });
  }

  /** Where its stderr goes, in place of our own. `stdout()` is our stdout, not the pipeline's. */
  stderr(sink: Sink): Command {
    if (typeof sink?.sink?.type !== "string") {
      throw new TypeError("Cannot send stderr to this as it is no sink");
    }
    return new Command({ ...this.node, stderr: sink.sink });
  }
}

/**
 * A command: a program and its arguments, never a shell string.
 *
 * @throws {TypeError} if there is no program, or an argument is no word or has a NUL.
 *
 * @example
 * ```ts
 * import { cmd } from "@execvm/execvm";
 *
 * await cmd("echo", "hello").pipe(cmd("wc", "-c")).text(); // "6"
 * ```
 */
export function cmd(...argv: Words): Command {
  return new Command({ type: "command", args: requireArgv(argv), env: {} });
}

/** How a chain runs. */
export interface ChainOptions {
  /**
   * Where the stdout of all commands but the last goes. All of them write to the output of the chain (`pass`),
   * so that what `make` says comes before what `cat pkg` gives; `stderr` sends it there, `discard` nowhere.
   *
   * @default "pass"
   */
  readonly stdout?: ChainStdout;
}

/**
 * A command that runs others in order, without a shell: each starts when the one before has
 * succeeded, and reads on in the same stdin. All write to one stdout, unless `stdout` says otherwise of all but
 * the last. It ends with the status of the last one that ran.
 *
 * @throws {TypeError} if there are fewer than two, one has settings of its own: they belong on the chain, or
 * an option is not what it should be.
 *
 * @example
 * ```ts
 * import { chain, cmd } from "@execvm/execvm";
 *
 * chain(["tar", "-x"], ["make"], cmd("cat", "pkg"), { stdout: "stderr" }).cwd("/tmp");
 * ```
 */
export function chain(...commands: readonly (Words | Command)[]): Command;
/** The same with options behind the commands. */
export function chain(
  ...words: readonly [...commands: (Words | Command)[], options: ChainOptions]
): Command;
export function chain(...words: readonly (Words | Command | ChainOptions)[]): Command {
  const options = words.at(-1);
  const hasOptions = isOptions(options);
  const commands = (hasOptions ? words.slice(0, -1) : words) as readonly (Words | Command)[];
  if (commands.length < 2) {
    throw new TypeError(`Cannot chain ${commands.length} commands as a chain has two or more`);
  }
  const stdout = hasOptions ? requireChainOptions(options) : "pass";
  return new Command({
    type: "chain",
    commands: commands.flatMap(linksOf),
    ...(stdout !== "pass" && { stdout }),
    env: {},
  });
}

function isOptions(value: Words | Command | ChainOptions | undefined): value is ChainOptions {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Command);
}

function requireChainOptions({ stdout = "pass", ...rest }: ChainOptions): ChainStdout {
  const [stranger] = Object.keys(rest);
  if (stranger !== undefined) throw new TypeError(`Cannot chain with ${stranger} as it has none`);
  if (CHAIN_STDOUTS.includes(stdout)) return stdout;
  const known = CHAIN_STDOUTS.join(", ");
  throw new TypeError(
    `Cannot chain with stdout ${JSON.stringify(stdout)} as it is one of ${known}`,
  );
}

function linksOf(command: Words | Command): readonly (readonly string[])[] {
  if (!(command instanceof Command)) return [requireArgv(command)];
  const { env, cwd, runner, stderr } = command.node;
  if (Object.keys(env).length > 0 || cwd !== undefined || runner !== undefined || stderr) {
    throw new TypeError(
      "Cannot chain a command that has its own env, cwd, runner or stderr as all of a chain share " +
        "them: set them on the chain",
    );
  }
  if (command.node.type !== "chain") return [command.node.args];
  if (command.node.stdout === undefined) return command.node.commands;
  throw new TypeError(
    "Cannot chain a chain that has its own stdout as all of a chain share it: set it on the outer one",
  );
}

function requireArgv(argv: readonly Word[]): readonly string[] {
  if (!Array.isArray(argv) || argv.length === 0) {
    throw new TypeError("Cannot make a command of an empty argv as it needs a program");
  }
  return toWordList(argv, "argv");
}

function requireName(name: string): void {
  if (name !== "" && !/[=\0]/.test(name) && isWord(name)) return;
  throw new TypeError(
    `Cannot set the variable ${showWord(name)} as a name is not empty and has no "=" or NUL`,
  );
}
