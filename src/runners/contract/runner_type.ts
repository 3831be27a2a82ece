// Describes a kind of runner without loading its implementation.

import type { Json } from "../../model/nodes.ts";
import type { OptionSpec } from "./option_spec.ts";
import type { Runner } from "./runner.ts";

/** Makes a runner with these options, which were checked against those of its kind. */
export type MakeRunner = (options: { readonly [key: string]: Json | Runner }) => Runner;

/**
 * A kind of runner. Flags, help and the JSON schema are made from this, without loading the runner
 * itself.
 */
export interface RunnerType {
  readonly kind: string;
  /** Where commands run, in a few words. */
  readonly summary: string;
  /** The option, a string, that can follow the kind on the command line: `-r ssh:HOST`. */
  readonly target?: string;
  /** Its options by their names in TypeScript and JSON. */
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Imports the module of its builder and returns that. */
  load(): Promise<MakeRunner>;
}
