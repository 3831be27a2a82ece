// Reads the request of `execvm far`. It is validated by hand, as building the schema of pipelines
// may take longer than the command itself.

import {
  chain,
  type ChainOptions,
  cmd,
  type Command,
  type Word,
  type Words,
} from "../../blocks/command.ts";
import type { ChainStdout, CommandNode, Json } from "../../model/nodes.ts";
import { wordFromJson } from "../../model/word.ts";
import type { OptionSpec } from "../../runners/contract/option_spec.ts";
import type { Runner } from "../../runners/contract/runner.ts";
import { loadRunner } from "../../runners/load_runner.ts";
import { runnerType } from "../../runners/mod.ts";

type Fields = { readonly [key: string]: unknown };

/** A command, and the runner to run it on. */
export interface RemoteTask {
  readonly node: CommandNode;
  readonly runner: Runner;
}

/**
 * Parses a request, the JSON form of a command that is bound to a runner. The caller disposes the
 * runner.
 *
 * @throws {Error} if it is malformed, or has fields that this execvm does not know.
 */
export async function readRequest(text: string): Promise<RemoteTask> {
  const { type, args, commands, stdout, env, cwd, runner, ...rest } = toFields(JSON.parse(text));
  const [stranger] = Object.keys(rest);
  if (stranger !== undefined) {
    throw new Error(`cannot run a command: it has the unknown field ${stranger}`);
  }
  if (type !== "chain" && stdout !== undefined) {
    throw new Error("cannot run a command: only a chain has the field stdout");
  }
  const options: ChainOptions = stdout === undefined ? {} : { stdout: stdout as ChainStdout };
  const bare = type === "chain"
    ? chain(...(commands as unknown[][]).map(toArgv), options)
    : cmd(...toArgv(args as unknown[]));
  const command = withOptions(bare, toFields(env), cwd);
  checkRunner(toFields(runner));
  return { node: command.node, runner: await loadRunner(runner as { type: string }) };
}

/** The command's builder validates the words. */
function toArgv(args: readonly unknown[]): Words {
  return args.map(wordFromJson) as unknown as Words;
}

function withOptions(bare: Command, env: Fields, cwd: unknown): Command {
  const words = Object.entries(env).map(([name, value]) => [name, wordFromJson(value) as Word]);
  const command = bare.env(Object.fromEntries(words));
  return cwd === undefined ? command : command.cwd(wordFromJson(cwd) as Word);
}

function checkRunner({ type: kind, ...options }: Fields): void {
  const type = runnerType(String(kind));
  if (type === undefined) throw new Error(`cannot run on ${kind}: there is no such runner`);
  for (const [name, value] of Object.entries(options)) {
    const spec = type.options[name];
    if (spec === undefined) throw new Error(`cannot run on ${kind}: it has no option ${name}`);
    if (!fits(value, spec)) throw new Error(`cannot run on ${kind}: ${name} is not a ${spec.type}`);
    if (spec.type === "runner") checkRunner(toFields(value));
  }
}

function fits(value: unknown, { type }: OptionSpec): boolean {
  if (type === "map" || type === "runner") return isFields(value);
  const actual: string = typeof value;
  return actual === type;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toFields(value: unknown): Fields & { readonly [key: string]: Json } {
  if (isFields(value)) return value as Fields & { readonly [key: string]: Json };
  throw new Error(`cannot read a request: ${JSON.stringify(value)} is not an object`);
}
