// Reading what the execvm at the far side is asked to run. It is checked here by hand, as the schema of all
// pipelines takes longer to build than the command may take to run.

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

/** A command, and the runner that is to run it. */
export interface RemoteTask {
  readonly node: CommandNode;
  readonly runner: Runner;
}

/**
 * What a request asks for.
 *
 * @throws {Error} if it is none, or asks for what this execvm does not know.
 */
export async function readRequest(text: string): Promise<RemoteTask> {
  const { type, args, commands, stdout, env, cwd, runner, ...rest } = toFields(JSON.parse(text));
  const [stranger] = Object.keys(rest);
  if (stranger !== undefined) throw new Error(`Cannot run a command as it has ${stranger}`);
  if (type !== "chain" && stdout !== undefined) {
    throw new Error("Cannot run a command as it has stdout");
  }
  const options: ChainOptions = stdout === undefined ? {} : { stdout: stdout as ChainStdout };
  const bare = type === "chain"
    ? chain(...(commands as unknown[][]).map(toArgv), options)
    : cmd(...toArgv(args as unknown[]));
  const command = withOptions(bare, toFields(env), cwd);
  checkRunner(toFields(runner));
  return { node: command.node, runner: await loadRunner(runner as { type: string }) };
}

/** That all are words is seen to where the command is made. */
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
  if (type === undefined) throw new Error(`Cannot run on ${kind} as there is no such runner`);
  for (const [name, value] of Object.entries(options)) {
    const spec = type.options[name];
    if (spec === undefined) throw new Error(`Cannot run on ${kind} as it has no option ${name}`);
    if (!fits(value, spec)) throw new Error(`Cannot run on ${kind} as ${name} is no ${spec.type}`);
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
  throw new Error(`Cannot read a request as ${JSON.stringify(value)} is no object`);
}
