// The command builders `cmd` and `chain`, and the `Command` that they return.

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

/** A program and its arguments, program first. */
export type Argv = readonly [string, ...string[]];

/** A program and its arguments, program first; a `Uint8Array` is a word that need not be UTF-8. */
export type Words = readonly [Word, ...Word[]];

/**
 * A command that has not run yet. It is a pipeline of one stage, so it can be piped and run
 * directly. Each method returns a new command and leaves this one unchanged.
 *
 * @example
 * ```ts
 * import { cmd, discard } from "@execvm/execvm";
 *
 * const list = cmd("ls").cwd("/").env({ LC_ALL: "C" }).stderr(discard());
 * await list.lines(); // ["bin", "boot", ..]
 * ```
 */
export class Command extends Pipeline<"open", "open"> {
  /** The command as data: program, arguments and settings. */
  readonly node: CommandNode;

  /** Called by `cmd`, `chain` and `runner.cmd`. */
  constructor(node: CommandNode) {
    super({ stages: [node] }, "open", "open");
    this.node = this.description.stages[0] as CommandNode;
    Object.freeze(this);
  }

  /**
   * Adds environment variables to those that the runner sets. A later value for a name replaces an
   * earlier one.
   *
   * @param variables values by name
   * @throws {TypeError} if a name is empty, or contains `=` or NUL.
   * @throws {TypeError} if a value is not a string or `Uint8Array`, or contains NUL.
   */
  env(variables: Readonly<Record<string, Word>>): Command {
    Object.keys(variables).forEach(requireName);
    return new Command({ ...this.node, env: { ...this.node.env, ...toWords(variables) } });
  }

  /**
   * Sets the working directory.
   *
   * @param directory a path on the computer that runs the command
   * @throws {TypeError} if it is empty, contains NUL, or is not a string or `Uint8Array`.
   */
  cwd(directory: Word): Command {
    if (directory.length === 0) throw new TypeError('cannot run in "": it is not a path');
    return new Command({ ...this.node, cwd: toWord(directory, "the folder") });
  }

  /**
   * Binds the command to a runner, which takes precedence over the one that the pipeline is run
   * with.
   *
   * @param runner remains the caller's, to dispose
   * @throws {TypeError} if it is not a runner.
   */
  on(runner: RunnerRef): Command {
    if (typeof runner?.kind !== "string" || typeof runner.argv !== "function") {
      throw new TypeError("cannot run on this: it is not a runner");
    }
    return new Command({ ...this.node, runner });
  }

  /**
   * Sends stderr to a sink in place of this process's stderr.
   *
   * @param sink `stdout()` is the stdout of this process, not that of the pipeline
   * @throws {TypeError} if it is not a sink.
   */
  stderr(sink: Sink): Command {
    if (typeof sink?.sink?.type !== "string") {
      throw new TypeError("cannot send stderr to this: it is not a sink");
    }
    return new Command({ ...this.node, stderr: sink.sink });
  }
}

/**
 * Returns a command that runs a program. No shell is involved: arguments are passed on unchanged.
 *
 * @param argv the program, by name or path, and its arguments
 * @throws {TypeError} if there is no program.
 * @throws {TypeError} if a word is not a string or `Uint8Array`, or contains NUL.
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
   * Where the stdout of all commands but the last goes. With `pass` they all write to the output of
   * the chain, so that the log of `make` precedes the contents of `cat pkg`. With `stderr` it goes
   * to the chain's stderr, with `discard` nowhere.
   *
   * @default "pass"
   */
  readonly stdout?: ChainStdout;
}

/**
 * Returns a command that runs others one after the other, like `a && b && c` without a shell. Each
 * starts once the previous one has succeeded and continues to read the same stdin. All write to one
 * stdout, unless the option `stdout` redirects it for all but the last. The status is that of the
 * last command that ran.
 *
 * @param commands two or more argvs or commands, optionally followed by {@linkcode ChainOptions}
 * @throws {TypeError} if there are fewer than two.
 * @throws {TypeError} if one has its own environment, cwd, runner, stderr or stdout: set it on the
 * chain.
 * @throws {TypeError} if an option is unknown or has an invalid value.
 *
 * @example
 * ```ts
 * import { chain, cmd } from "@execvm/execvm";
 *
 * chain(["tar", "-x"], ["make"], cmd("cat", "pkg"), { stdout: "stderr" }).cwd("/tmp");
 * ```
 */
export function chain(...commands: readonly (Words | Command)[]): Command;
/** Returns a command that runs others one after the other, with options as the last argument. */
export function chain(
  ...words: readonly [...commands: (Words | Command)[], options: ChainOptions]
): Command;
export function chain(...words: readonly (Words | Command | ChainOptions)[]): Command {
  const options = words.at(-1);
  const hasOptions = isOptions(options);
  const commands = (hasOptions ? words.slice(0, -1) : words) as readonly (Words | Command)[];
  if (commands.length < 2) {
    throw new TypeError(`cannot chain ${commands.length} commands: a chain has two or more`);
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
  if (stranger !== undefined) {
    throw new TypeError(`cannot chain with ${stranger}: there is no such option`);
  }
  if (CHAIN_STDOUTS.includes(stdout)) return stdout;
  const known = CHAIN_STDOUTS.join(", ");
  throw new TypeError(
    `cannot chain with stdout ${JSON.stringify(stdout)}: it is one of ${known}`,
  );
}

function linksOf(command: Words | Command): readonly (readonly string[])[] {
  if (!(command instanceof Command)) return [requireArgv(command)];
  const { env, cwd, runner, stderr } = command.node;
  if (Object.keys(env).length > 0 || cwd !== undefined || runner !== undefined || stderr) {
    throw new TypeError(
      "cannot chain a command that has its own env, cwd, runner or stderr: all commands of a chain " +
        "share them: set them on the chain",
    );
  }
  if (command.node.type !== "chain") return [command.node.args];
  if (command.node.stdout === undefined) return command.node.commands;
  throw new TypeError(
    "cannot chain a chain that has its own stdout: all commands share it: set it on the outer chain",
  );
}

function requireArgv(argv: readonly Word[]): readonly string[] {
  if (!Array.isArray(argv) || argv.length === 0) {
    throw new TypeError("cannot make a command of an empty argv: it needs a program");
  }
  return toWordList(argv, "argv");
}

function requireName(name: string): void {
  if (name !== "" && !/[=\0]/.test(name) && isWord(name)) return;
  throw new TypeError(
    `cannot set the variable ${showWord(name)}: a name is not empty and has no "=" or NUL`,
  );
}
