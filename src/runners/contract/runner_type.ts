// A kind of runner.

import type { Json } from "../../model/nodes.ts";
import type { OptionSpec } from "./option_spec.ts";
import type { Runner } from "./runner.ts";

/** Makes a runner with these options, which have been checked against those of its kind. */
export type MakeRunner = (options: { readonly [key: string]: Json | Runner }) => Runner;

/** A kind of runner: what flags, help and the JSON schema are made from, none of which loads the runner itself. */
export interface RunnerType {
  readonly kind: string;
  /** What it is, in a few words. */
  readonly summary: string;
  /** The option that the command line may give with the kind: `-r ssh:HOST`. */
  readonly target?: string;
  /** Its options, by their names in TypeScript and JSON. */
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Loads the module of its builder. */
  load(): Promise<MakeRunner>;
}
