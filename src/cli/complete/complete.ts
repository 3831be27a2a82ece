// Completes a command line of execvm, from stricli's data on the subcommands.

import type { Command, RouteMap } from "npm:@stricli/core@1.3.0";
import { CHAIN_STDOUTS } from "../../model/nodes.ts";
import {
  commandCompletions,
  type Completions,
  fileCompletions,
  folderCompletions,
  kernelFileCompletions,
  rootCompletions,
} from "../flags/completions.ts";
import { endsAtFirstWord, optionOf } from "../flags/end_of_options.ts";
import { optionsOf, type RouteOption, type Target } from "../flags/routes.ts";
import type { CliContext } from "../frame/context.ts";

/** A word that may come next, and what it means. */
export interface Candidate {
  readonly word: string;
  readonly brief?: string;
}

/**
 * What the shell should offer: words; paths, for what follows the first `skip` characters of the
 * word; or the completions of the command that begins at word `from`.
 */
export type Completion =
  | { readonly kind: "words"; readonly words: readonly Candidate[] }
  | { readonly kind: "files" | "folders"; readonly skip: number }
  | { readonly kind: "command"; readonly from: number };

const NOTHING: Completion = { kind: "words", words: [] };

/**
 * Completes the last word of a command line.
 *
 * @param root all subcommands
 * @param words the words behind `execvm`; the last one may be empty
 */
export async function complete(
  context: CliContext,
  root: RouteMap<CliContext>,
  words: readonly string[],
): Promise<Completion> {
  const last = words.length - 1;
  let target: Target = root;
  let index = 0;
  while ("getAllEntries" in target && index < last) {
    const next: Target | undefined = target.getRoutingTargetForInput(words[index]!);
    if (next === undefined) return NOTHING;
    target = next;
    index += 1;
  }
  if ("getAllEntries" in target) return matching(subcommands(target), words[last] ?? "");
  if (target === root.getRoutingTargetForInput("chain")) return completeChain(words, index);
  const isLed = endsAtFirstWord(root, target);
  return await completeCommand(context, target, { words, from: index, isLed });
}

function subcommands(map: RouteMap<CliContext>): readonly Candidate[] {
  const visible = map.getAllEntries().filter(({ hidden }) => !hidden);
  return [
    ...visible.map(({ name, target }) => ({ word: name.original, brief: target.brief })),
    { word: "--help", brief: "Show help" },
  ];
}

/**
 * Completes `execvm chain`: its first word after the option is the delimiter, which separates the
 * commands.
 */
function completeChain(words: readonly string[], from: number): Completion {
  const last = words.length - 1;
  if (from === last) return matching(CHAIN_WORDS, words[last]!);
  if (words[from]!.startsWith("--stdout=")) return completeChain(words, from + 1);
  return { kind: "command", from: words.lastIndexOf(words[from]!, last - 1) + 1 };
}

const CHAIN_WORDS: readonly Candidate[] = [
  { word: "--", brief: "A delimiter" },
  ...CHAIN_STDOUTS.map((place) => (
    { word: `--stdout=${place}`, brief: "Where the stdout of all but the last goes" }
  )),
];

async function completeCommand(
  context: CliContext,
  command: Command<CliContext>,
  { words, from, isLed }: {
    readonly words: readonly string[];
    readonly from: number;
    /** Whether the first word that is not an option ends the options. */
    readonly isLed: boolean;
  },
): Promise<Completion> {
  const last = words.length - 1;
  const partial = words[last]!;
  const options = optionsOf(command);
  let positionals = 0;
  let expecting: RouteOption | undefined;
  for (let index = from; index < last; index++) {
    const word = words[index]!;
    if (expecting !== undefined) expecting = undefined;
    else if (word === "--") return await afterEscape(context, command, { words, from: index + 1 });
    else if (word.startsWith("-") && word !== "-") expecting = wantsValue(options, word);
    else if (isLed) return await afterEscape(context, command, { words, from: index });
    else positionals += 1;
  }
  if (expecting !== undefined) {
    return await completeWith(context, expecting.completions, partial, 0);
  }
  const equals = partial.startsWith("--") ? partial.indexOf("=") : -1;
  if (equals > 0) {
    const option = options.find(({ long }) => long === partial.slice(0, equals));
    return await completeWith(context, option?.completions, partial, equals + 1);
  }
  if (partial.startsWith("-") && partial !== "-") return matching(optionWords(options), partial);
  if (isLed && partial !== "") return await afterEscape(context, command, { words, from: last });
  const own = await completePositional(context, command, positionals, partial);
  if (own.kind !== "words" || own.words.length > 0 || partial !== "") return own;
  return matching(optionWords(options), partial);
}

/** Completes behind `--` or behind the first word of a command, where all words are arguments. */
async function afterEscape(
  context: CliContext,
  command: Command<CliContext>,
  { words, from }: { readonly words: readonly string[]; readonly from: number },
): Promise<Completion> {
  const index = words.length - 1 - from;
  if (positionalOf(command, 0)?.proposeCompletions === commandCompletions) {
    return { kind: "command", from };
  }
  return await completePositional(context, command, index, words.at(-1)!);
}

function wantsValue(options: readonly RouteOption[], word: string): RouteOption | undefined {
  const found = optionOf(options, word);
  return found?.placeholder === undefined ? undefined : found;
}

function optionWords(options: readonly RouteOption[]): readonly Candidate[] {
  const own = options.map(({ long, brief }) => ({ word: long, brief }));
  return [...own, { word: "--help", brief: "Show help" }];
}

function positionalOf({ parameters: { positional } }: Command<CliContext>, index: number) {
  if (positional?.kind !== "array") return positional?.parameters[index];
  return index < (positional.maximum ?? Infinity) ? positional.parameter : undefined;
}

async function completePositional(
  context: CliContext,
  command: Command<CliContext>,
  index: number,
  partial: string,
): Promise<Completion> {
  const hook = positionalOf(command, index)?.proposeCompletions as Completions | undefined;
  if (hook !== commandCompletions) return await completeWith(context, hook, partial, 0);
  return matching([{ word: "--", brief: "The command and its arguments" }], partial);
}

/** @param skip the number of characters of `partial` before the value */
async function completeWith(
  context: CliContext,
  hook: Completions | undefined,
  partial: string,
  skip: number,
): Promise<Completion> {
  if (hook === fileCompletions) return { kind: "files", skip };
  if (hook === folderCompletions) return { kind: "folders", skip };
  const words = await hook?.call(context, partial.slice(skip)) ?? [];
  const found = matching(words.map((word) => ({ word: partial.slice(0, skip) + word })), partial);
  const mayBeFile = hook === rootCompletions || hook === kernelFileCompletions;
  return mayBeFile && found.words.length === 0 ? { kind: "files", skip } : found;
}

function matching(words: readonly Candidate[], partial: string) {
  return { kind: "words", words: words.filter(({ word }) => word.startsWith(partial)) } as const;
}
