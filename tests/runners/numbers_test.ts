// Builders, JSON and the command line accept the same numbers, each with its own error messages.

import assert from "node:assert/strict";
import {
  cmd,
  docker,
  each,
  type EachOptions,
  fromJSON,
  type RunCodeOptions,
  slurm,
  ssh,
  tar,
  vm,
} from "../../mod.ts";
import { kebabCase } from "../../src/cli/flags/routes.ts";
import { checkRunOptions } from "../../src/code/run_options.ts";
import { CODE_OPTION_SPECS } from "../../src/code/option_specs.ts";
import type { PlanError } from "../../src/model/errors.ts";
import { PREPARE_OPTION_SPECS } from "../../src/prepare/option_specs.ts";
import { toSteps } from "../../src/prepare/prepare_options.ts";
import type { OptionSpec } from "../../src/runners/contract/option_spec.ts";
import { parseDuration } from "../../src/runners/contract/duration.ts";
import { RUNNER_TYPES } from "../../src/runners/mod.ts";
import { execvm } from "../support/cli.ts";

/**
 * Values that no numeric option accepts, whatever its range; JavaScript callers may pass `"1"` and
 * null.
 */
const NEVER: readonly unknown[] = [-1, NaN, -Infinity, "1", null];

const BUILDERS: Readonly<Record<string, (options: object) => unknown>> = {
  vm: (options) => vm(options),
  docker: (options) => docker({ image: "i", ...options }),
  ssh: (options) => ssh({ host: "h", ...options }),
  slurm: (options) => slurm(options),
  code: (options) => checkRunOptions(options as RunCodeOptions),
  prepare: (options) => toSteps({ from: "debian:bookworm", ...options }),
};

/** All tables of options: of runners, of `runCode` and of `prepareImage`. */
const TABLES: readonly (readonly [string, Readonly<Record<string, object>>])[] = [
  ...RUNNER_TYPES.map(({ kind, options }) => [kind, options] as const),
  ["code", CODE_OPTION_SPECS],
  ["prepare", PREPARE_OPTION_SPECS],
];

const NUMBERS = TABLES.flatMap(([table, specs]) =>
  Object.entries(specs as Readonly<Record<string, OptionSpec>>)
    .filter(([, { type }]) => type === "number")
    .map(([name, spec]) => ({ table, name, spec }))
);

Deno.test("every numeric option has a range", () => {
  assert.ok(NUMBERS.length > 15);
  for (const { table, name, spec } of NUMBERS) {
    assert.notEqual(spec.range, undefined, `${name} of ${table}`);
  }
});

for (const { table, name, spec } of NUMBERS) {
  Deno.test(`${table} refuses invalid values of ${name} by its name`, () => {
    const { least = 1, most, above, isEndless } = spec.range!;
    const fraction = above === undefined ? [least + 0.5] : [above];
    const outside = [...most === undefined ? [] : [most + 1], ...isEndless ? [] : [Infinity]];
    for (const value of [...NEVER, ...fraction, ...outside]) {
      assert.throws(() => BUILDERS[table]!({ [name]: value }), {
        name: "RangeError",
        message: new RegExp(`^cannot .* with ${name} .*: it must be a `),
      }, `${value}`);
    }
    BUILDERS[table]!({ [name]: above === undefined ? least : 0.5 });
    if (most !== undefined) BUILDERS[table]!({ [name]: most });
  });
}

for (const { kind, options, target } of RUNNER_TYPES) {
  for (const [name, { type }] of Object.entries(options)) {
    if (type !== "number") continue;
    Deno.test(`${name} of ${kind} is refused in JSON with its path`, () => {
      const runner = { type: kind, ...(target && { [target]: "a" }), [name]: -1 };
      const value = { type: "command", args: ["true"], env: {}, runner };
      assert.throws(() => fromJSON(value), (error: PlanError) => {
        assert.equal(error.path, `runner.${name}`);
        assert.match(error.message, new RegExp(`: runner\\.${name}: must be a `));
        return true;
      });
    });
  }
}

const JSON_WRONG: readonly (readonly [object, string, RegExp])[] = [
  [{ type: "each", items: [], concurrency: 0 }, "concurrency", /a whole number from 1$/],
  [{ type: "each", items: [], itemTimeoutMs: 0 }, "itemTimeoutMs", /above 0, up to 2147483647$/],
  [{ type: "each", items: [], retry: { times: 1.5 } }, "retry.times", /a whole number from 0$/],
  [{ type: "tar", files: ["a"], mtime: -1 }, "mtime", /a whole number from 0$/],
  [
    { type: "tar", files: ["a"], owner: { uid: 0, gid: 0.5 } },
    "owner.gid",
    /a whole number from 0$/,
  ],
];

for (const [value, path, message] of JSON_WRONG) {
  Deno.test(`${JSON.stringify(value)} is refused with its path`, () => {
    assert.throws(() => fromJSON(value), (error: PlanError) => {
      assert.equal(error.path, path);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("each() and tar() refuse numbers by their names", () => {
  const options: readonly (readonly [object, string])[] = [
    [{ concurrency: 0 }, "concurrency 0"],
    [{ concurrency: NaN }, "concurrency NaN"],
    [{ itemTimeoutMs: -1 }, "itemTimeoutMs -1"],
    [{ retry: { times: 1.5 } }, "retry.times 1.5"],
  ];
  for (const [wrong, said] of options) {
    assert.throws(() => each([1], () => cmd("true"), wrong as EachOptions), {
      name: "RangeError",
      message: new RegExp(`with ${said}: it must be`),
    });
  }
  assert.throws(() => tar("a", { mtime: 0.5 }), { name: "RangeError", message: /mtime 0.5: it/ });
  assert.throws(() => tar("a", { owner: { uid: -1, gid: 0 } }), /owner.uid -1: it must be/);
});

for (const timeoutMs of [0, -1, NaN, Infinity, 2 ** 31, "1"]) {
  Deno.test(`run() refuses timeoutMs ${timeoutMs}`, async () => {
    await assert.rejects(cmd("true").run({ timeoutMs: timeoutMs as number }), {
      name: "RangeError",
      message: /^cannot run the pipeline with timeoutMs .*: it must be a number above 0/,
    });
  });
}

Deno.test("a duration is in whole milliseconds, and no longer than a timer can wait", () => {
  assert.equal(parseDuration("1.0001"), 1001);
  assert.equal(parseDuration("596h"), 596 * 3_600_000);
  assert.throws(() => parseDuration("597h"), {
    name: "SyntaxError",
    message: '"597h" is longer than 596h, the most that a timer can wait',
  });
});

const USAGE: readonly (readonly [readonly string[], string])[] = [
  [["run", "-r", "vm", "--cpus", "0"], "--cpus 0: it must be a whole number from 1 to 255"],
  [["run", "-r", "vm", "--cpus", "-1"], "--cpus -1: it must be a whole number from 1 to 255"],
  [["run", "-r", "vm", "--pool=-1"], "--pool -1: it must be a whole number from 0"],
  [
    ["run", "-r", "vm", "--boot-timeout-ms", "1.5"],
    "--boot-timeout-ms 1.5: it must be a whole number from 1 to 2147483647",
  ],
  [["run", "-r", "docker:a", "--cpus", "0"], "--cpus 0: it must be a number above 0"],
  [["run", "-r", "ssh:a", "--port", "0"], "--port 0: it must be a whole number from 1 to 65535"],
  [
    ["run", "-r", "slurm", "--queue-timeout-ms", "0"],
    "--queue-timeout-ms 0: it must be a whole number from 1, or Infinity",
  ],
  [["run", "-r", "slurm", "--cpus", "1.5"], "--cpus 1.5: it must be a whole number from 1"],
];

for (const [args, fault] of USAGE) {
  Deno.test(`execvm ${args.join(" ")} is wrong usage, and the error names the flag`, async () => {
    const { code, stderr } = await execvm([...args, "--", "true"]);
    assert.deepEqual([code, stderr], [2, `execvm: cannot take ${fault}\n`]);
  });
}

Deno.test("execvm code and image prepare name the flag and its unit", async () => {
  const runs = [
    ["code", "--image", "i", "--workspace", "4", "-"],
    ["code", "--image", "i", "--cpus", "256", "-"],
    ["code", "--image", "i", "--max-output-bytes=-1", "-"],
    ["image", "prepare", "--size", "1", "debian:bookworm"],
  ];
  const said = [
    "--workspace 4 MiB: it must be a whole number from 8 to 16777216",
    "--cpus 256: it must be a whole number from 1 to 255",
    "--max-output-bytes -1: it must be a whole number from 0",
    "--size 1 MiB: it must be a whole number from 8 to 16777216",
  ];
  const results = await Promise.all(runs.map((args) => execvm(args)));
  assert.deepEqual(results.map(({ code }) => code), [2, 2, 2, 2]);
  assert.deepEqual(
    results.map(({ stderr }) => stderr),
    said.map((fault) => `execvm: cannot take ${fault}\n`),
  );
});

Deno.test("no flag has a capital letter in an error", async () => {
  const both = await execvm(["run", "-r", "local", "--boot-timeout-ms", "1", "--", "true"]);
  assert.match(both.stderr, /--boot-timeout-ms/);
  assert.equal(kebabCase("bootTimeoutMs"), "boot-timeout-ms");
});
