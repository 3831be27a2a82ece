// Parses nested runners of the command line: `-r ssh:HOST -r vm`, the outermost first.

import { UsageError } from "../../model/errors.ts";
import type { RunnerType } from "../../runners/contract/runner_type.ts";
import { RUNNER_TYPES } from "../../runners/mod.ts";
import { didYouMean } from "../../model/did_you_mean.ts";

/** A runner that `-r` names: its kind, and the target after the colon. */
export interface NamedRunner {
  readonly type: RunnerType;
  readonly target?: string;
}

/** The kinds of runners as `-r` takes them, such as `ssh[:HOST]`. */
export const KINDS: readonly string[] = RUNNER_TYPES.map(({ kind, target }) =>
  target === undefined ? kind : `${kind}[:${target.toUpperCase()}]`
);

/** Parses a word such as `vm` or `ssh:HOST`. @throws {SyntaxError} if there is no such runner. */
export function parseNamed(text: string): NamedRunner {
  const colon = text.indexOf(":");
  const [kind, target] = colon < 0 ? [text] : [text.slice(0, colon), text.slice(colon + 1)];
  const type = RUNNER_TYPES.find((candidate) => candidate.kind === kind);
  if (type !== undefined && target === undefined) return { type };
  if (type?.target !== undefined && target !== undefined) return { type, target };
  const meant = type === undefined ? didYouMean(kind!, RUNNER_TYPES.map(({ kind }) => kind)) : "";
  throw new SyntaxError(`it is not a runner: use one of ${KINDS.join(", ")}${meant}`);
}

/** Returns the word unchanged if it names a runner. @throws {SyntaxError} if it does not. */
export function parseKind(text: string): string {
  parseNamed(text);
  return text;
}

/**
 * Returns the name of the option that holds the inner runner; `undefined` if this kind has none.
 */
export function innerOption({ options }: RunnerType): string | undefined {
  return Object.keys(options).find((name) => options[name]!.type === "runner");
}

/** Checks that each runner can have the next one inside it. @throws {UsageError} if one cannot. */
export function checkStack(stack: readonly NamedRunner[]): void {
  const wrong = stack.slice(0, -1).findIndex(({ type }) => innerOption(type) === undefined);
  if (wrong < 0) return;
  const [outer, inner] = stack.slice(wrong).map(({ type }) => type.kind);
  const able = RUNNER_TYPES.filter((type) => innerOption(type) !== undefined);
  throw new UsageError(
    `cannot use ${inner} inside ${outer}: only ${able.map(({ kind }) => kind).join(", ")} ` +
      "can have another runner inside",
  );
}
