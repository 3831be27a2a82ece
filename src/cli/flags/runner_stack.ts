// Runners one inside the other, as the command line names them: `-r ssh:HOST -r vm`, the outermost first.

import { UsageError } from "../../model/errors.ts";
import type { RunnerType } from "../../runners/contract/runner_type.ts";
import { RUNNER_TYPES } from "../../runners/mod.ts";
import { didYouMean } from "./suggest.ts";

/** A runner of the command line: its kind, and the option that stood beside it. */
export interface NamedRunner {
  readonly type: RunnerType;
  readonly target?: string;
}

/** The kinds, each with the option that may stand beside it. */
export const KINDS: readonly string[] = RUNNER_TYPES.map(({ kind, target }) =>
  target === undefined ? kind : `${kind}[:${target.toUpperCase()}]`
);

/** The runner of a word such as `vm` or `ssh:HOST`. @throws {SyntaxError} if there is none. */
export function parseNamed(text: string): NamedRunner {
  const colon = text.indexOf(":");
  const [kind, target] = colon < 0 ? [text] : [text.slice(0, colon), text.slice(colon + 1)];
  const type = RUNNER_TYPES.find((candidate) => candidate.kind === kind);
  if (type !== undefined && target === undefined) return { type };
  if (type?.target !== undefined && target !== undefined) return { type, target };
  const meant = type === undefined ? didYouMean(kind!, RUNNER_TYPES.map(({ kind }) => kind)) : "";
  throw new SyntaxError(`it is no runner: take one of ${KINDS.join(", ")}${meant}`);
}

/** The same word, if it names a runner. @throws {SyntaxError} if it does not. */
export function parseKind(text: string): string {
  parseNamed(text);
  return text;
}

/** The option of a kind that takes the runner inside it; `undefined` if there can be none. */
export function innerOption({ options }: RunnerType): string | undefined {
  return Object.keys(options).find((name) => options[name]!.type === "runner");
}

/** Checks that each can have the next one inside. @throws {UsageError} if one cannot. */
export function checkStack(stack: readonly NamedRunner[]): void {
  const wrong = stack.slice(0, -1).findIndex(({ type }) => innerOption(type) === undefined);
  if (wrong < 0) return;
  const [outer, inner] = stack.slice(wrong).map(({ type }) => type.kind);
  const able = RUNNER_TYPES.filter((type) => innerOption(type) !== undefined);
  throw new UsageError(
    `Cannot use ${inner} inside ${outer} as only ${able.map(({ kind }) => kind).join(", ")} ` +
      "can have another runner inside",
  );
}
