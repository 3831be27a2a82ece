// A kind of runner.

import type { Json } from "../../model/nodes.ts";
import type { OptionSpec } from "./option_spec.ts";
import type { Runner } from "./runner.ts";

/** A kind of runner: what help, JSON schema and the conformance run are made from. */
export interface RunnerType {
  readonly kind: string;
  /** What it is, in a few words. */
  readonly summary: string;
  /** The option that the command line may give with the kind: `-r ssh:HOST`. */
  readonly target?: string;
  /** Its options, by their names in TypeScript and JSON. */
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** A runner with these options, which have been checked against `options`. */
  create(options: { readonly [key: string]: Json | Runner }): Runner;
}
