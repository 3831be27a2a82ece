// Builds the help page of a subcommand: usage, options, exit status, environment, examples.

import type { Command, RouteMap } from "npm:@stricli/core@1.3.0";
import type { OptionSpec } from "../../runners/contract/option_spec.ts";
import { RUNNER_TYPES } from "../../runners/mod.ts";
import { capitalized, placeholderOf } from "../flags/option_flag.ts";
import { kebabCase, optionsOf, type RouteOption, type Target } from "../flags/routes.ts";
import { flagOf } from "../flags/runner_flags.ts";
import type { CliContext } from "../frame/context.ts";
import type { Entry, Section } from "./layout.ts";
import { MANUAL } from "./manual.ts";
import { ENVIRONMENT, EXIT_STATUS } from "./topics.ts";

const HELP: Entry = ["-h, --help", "Show this help"];

/** Builds the page of a subcommand or of a group. @param prefix its words, `execvm` first */
export function pageOf(target: Target, prefix: readonly string[]): readonly Section[] {
  const name = prefix.slice(1).join(" ");
  const manual = MANUAL[name];
  const sections = "getAllEntries" in target
    ? mapSections(target, prefix)
    : commandSections(target, prefix);
  const examples = manual?.examples ?? [];
  return [
    ...sections,
    exitSection(name),
    environmentSection(manual?.environment ?? []),
    { title: "EXAMPLES", body: examples.map((lines) => ({ lines })) },
    { title: "SEE ALSO", body: manual?.see === undefined ? [] : [manual.see] },
  ].filter(({ body }) => body.length > 0);
}

function mapSections(map: RouteMap<CliContext>, prefix: readonly string[]): readonly Section[] {
  const entries = map.getAllEntries().filter(({ hidden }) => !hidden);
  const isRoot = prefix.length === 1;
  const options: Entry[] = isRoot ? [["-v, --version", "Show the version"], HELP] : [HELP];
  return [
    { title: "USAGE", body: [{ lines: [`${prefix.join(" ")} SUBCOMMAND ...`] }] },
    { title: "DESCRIPTION", body: paragraphs(map) },
    {
      title: "SUBCOMMANDS",
      body: [{ entries: entries.map(({ name, target }): Entry => [name.original, target.brief]) }],
    },
    { title: "OPTIONS", body: [{ entries: options }] },
  ];
}

function commandSections(
  command: Command<CliContext>,
  prefix: readonly string[],
): readonly Section[] {
  const usage = MANUAL[prefix.slice(1).join(" ")]?.usage ?? [usageOf(command)];
  const options = optionsOf(command);
  const hasRunner = options.some(({ flag }) => flag === "runner");
  const ofRunners = hasRunner ? RUNNER_TYPES.flatMap(runnerSection) : [];
  const names = new Set(hasRunner ? runnerFlags() : []);
  const general = options.filter(({ flag }) => !names.has(flag));
  return [
    {
      title: "USAGE",
      body: [{ lines: usage.map((line) => `${prefix.join(" ")} ${line}`.trimEnd()) }],
    },
    { title: "DESCRIPTION", body: paragraphs(command) },
    { title: "ARGUMENTS", body: argumentsOf(command) },
    { title: "OPTIONS", body: [{ entries: [...general.map(optionEntry), HELP] }] },
    ...ofRunners,
  ];
}

/** The brief, then the paragraphs of the full description; indented ones stay verbatim. */
function paragraphs({ brief, fullDescription }: Target): Section["body"] {
  const texts = [`${brief}.`, ...fullDescription?.split("\n\n") ?? []];
  return texts.map((text) => text.startsWith("  ") ? { lines: text.split("\n") } : text);
}

function usageOf(command: Command<CliContext>): string {
  const { positional } = command.parameters;
  const words = positional === undefined
    ? []
    : positional.kind === "array"
    ? [`${positional.parameter.placeholder}...`]
    : positional.parameters.map(({ placeholder, optional }) =>
      optional === true ? `[${placeholder}]` : `${placeholder}`
    );
  const required = optionsOf(command).filter(({ flag }) =>
    command.parameters.flags?.[flag]?.optional !== true
  );
  const given = required.map(({ long, placeholder }) => `${long} ${placeholder}`);
  return [...given, "[OPTIONS]", ...words].join(" ");
}

function argumentsOf({ parameters: { positional } }: Command<CliContext>): Section["body"] {
  if (positional === undefined) return [];
  const all = positional.kind === "array" ? [positional.parameter] : positional.parameters;
  if (all.length === 0) return [];
  return [{ entries: all.map(({ placeholder, brief }): Entry => [placeholder ?? "ARG", brief]) }];
}

function optionEntry({ long, short, placeholder, brief }: RouteOption): Entry {
  const value = placeholder === undefined ? "" : ` ${placeholder}`;
  return [`${short === undefined ? "    " : `${short}, `}${long}${value}`, brief];
}

/** The options of one kind of runner, with their defaults. */
function runnerSection({ kind, summary, options }: (typeof RUNNER_TYPES)[number]): Section[] {
  const shown = Object.entries(options).filter(([, spec]) => isFlag(spec));
  if (shown.length === 0) return [];
  const entries = shown.map(([name, spec]) => runnerEntry(name, spec));
  return [{ title: `OPTIONS OF -r ${kind}: ${summary}`, body: [{ entries }] }];
}

function runnerEntry(name: string, spec: OptionSpec): Entry {
  const { type, alias, defaultText, summary } = spec;
  const off = spec.negatable === true ? "no-" : "";
  const long = `--${off}${kebabCase(flagOf(name))}`;
  const tail = defaultText === undefined ? "" : ` (default: ${defaultText})`;
  return optionEntry({
    flag: name,
    long,
    brief: `${spec.negatable === true ? `Do not ${summary}` : capitalized(summary)}${tail}`,
    ...(alias !== undefined && { short: `-${alias}` }),
    ...(type !== "boolean" && { placeholder: placeholderOf(spec) }),
  });
}

function isFlag({ noFlag }: OptionSpec): boolean {
  return noFlag === undefined;
}

function runnerFlags(): readonly string[] {
  return RUNNER_TYPES.flatMap(({ options }) =>
    Object.entries(options).filter(([, spec]) => isFlag(spec)).map(([name]) => flagOf(name))
  );
}

function exitSection(name: string): Section {
  const { exit } = MANUAL[name] ?? {};
  const entries = exit ?? EXIT_STATUS.filter(([code]) => ["0", "2", "125"].includes(code));
  return { title: "EXIT STATUS", body: [{ entries }] };
}

function environmentSection(names: readonly string[]): Section {
  const entries = ENVIRONMENT.filter(([name]) => names.includes(name));
  return { title: "ENVIRONMENT", body: entries.length === 0 ? [] : [{ entries }] };
}
