// Compares the tables of options with the types; `deno check` makes the assertions on types.

import assert from "node:assert/strict";
import type {
  DockerOptions,
  LocalOptions,
  SlurmOptions,
  SshOptions,
  VmOptions,
  VoidOptions,
} from "../../mod.ts";
import type { OptionSpec } from "../../src/runners/contract/option_spec.ts";
import type { DOCKER_OPTION_SPECS } from "../../src/runners/docker/options.ts";
import type { REMOTE_OPTION_SPECS, RemoteOptions } from "../../src/runners/remote/options.ts";
import type { LOCAL_OPTION_SPECS } from "../../src/runners/local/options.ts";
import { RUNNER_TYPES } from "../../src/runners/mod.ts";
import type { SLURM_OPTION_SPECS } from "../../src/runners/slurm/options.ts";
import type { SSH_OPTION_SPECS } from "../../src/runners/ssh/options.ts";
import type { VM_OPTION_SPECS } from "../../src/runners/vm/options.ts";
import type { VOID_OPTION_SPECS } from "../../src/runners/void/options.ts";
import type { SameKeys } from "../support/same_keys.ts";

// A type error here means that an option has no spec, a spec has no option, or a table accepts any
// key.
true satisfies SameKeys<VoidOptions, typeof VOID_OPTION_SPECS>;
true satisfies SameKeys<LocalOptions, typeof LOCAL_OPTION_SPECS>;
true satisfies SameKeys<DockerOptions, typeof DOCKER_OPTION_SPECS>;
true satisfies SameKeys<VmOptions, typeof VM_OPTION_SPECS>;
true satisfies SameKeys<RemoteOptions, typeof REMOTE_OPTION_SPECS>;
true satisfies SameKeys<SshOptions, typeof SSH_OPTION_SPECS>;
true satisfies SameKeys<SlurmOptions, typeof SLURM_OPTION_SPECS>;

// The assertions above are able to fail.
interface Two {
  readonly one?: string;
  readonly other?: string;
}
// @ts-expect-error: `other` has no spec
true satisfies SameKeys<Two, { one: OptionSpec }>;
// @ts-expect-error: `third` is not an option
true satisfies SameKeys<Two, Record<"one" | "other" | "third", OptionSpec>>;
// @ts-expect-error: any string is a key
true satisfies SameKeys<Two, Record<string, OptionSpec>>;

Deno.test("every option of a runner has a flag, or a reason for having none", () => {
  for (const { kind, options } of RUNNER_TYPES) {
    for (const [name, { type, entry, noFlag }] of Object.entries<OptionSpec>(options)) {
      const hasFlag = type !== "runner" && (type !== "map" || entry !== undefined);
      assert.equal(noFlag === undefined, hasFlag, `${name} of ${kind}`);
    }
  }
});
