// Compares the options of the run_code tool with all options of runCode().

import assert from "node:assert/strict";
import { CODE_OPTION_SPECS } from "../../src/code/option_specs.ts";
import { codeTool } from "../../src/mcp/code_tool.ts";
import { type Policy, POLICY_DEFAULTS } from "../../src/mcp/policy.ts";

const POLICY: Policy = {
  ...POLICY_DEFAULTS,
  runners: [],
  options: [],
  images: [],
  files: undefined,
};

const { input } = codeTool(POLICY);

const WANTED = { image: "x", code: "" };

/**
 * The options that clients may set, each with a value; `files` holds texts, not paths of this
 * machine.
 */
const ALLOWED: Readonly<Record<string, unknown>> = {
  language: "sh",
  args: ["a"],
  stdin: "a",
  env: { A: "1" },
  files: { a: "text" },
  user: "1000:1000",
  output: "all",
  timeoutMs: 1000,
  memoryMib: 256,
  cpus: 1,
  maxOutputBytes: 1,
};

Deno.test("run_code accepts the options for clients", () => {
  assert.deepEqual(input.parse({ ...WANTED, ...ALLOWED }), { ...WANTED, ...ALLOWED });
});

for (const name of Object.keys(CODE_OPTION_SPECS).filter((name) => !(name in ALLOWED))) {
  Deno.test(`run_code does not accept ${name}`, () => {
    for (const value of ["a", 1, true, ["a"], { a: "b" }]) {
      const { success, error } = input.safeParse({ ...WANTED, [name]: value });
      assert.equal(success, false);
      assert.match(String(error), new RegExp(`Unrecognized key.*${name}`));
    }
  });
}

Deno.test("run_code does not select outputs by globs", () => {
  assert.equal(input.safeParse({ ...WANTED, output: "paths" }).success, false);
});

Deno.test("run_code accepts options of machines that the policy names", () => {
  const options = [{ kind: "vm", name: "network" }, { kind: "vm", name: "kernel", value: "/k" }];
  const { input } = codeTool({ ...POLICY, options });
  for (const given of [{ network: "user" }, { kernel: "/k" }]) {
    assert.deepEqual(input.parse({ ...WANTED, ...given }), { ...WANTED, ...given });
  }
  assert.equal(input.safeParse({ ...WANTED, network: 5 }).success, false);
  assert.equal(input.safeParse({ ...WANTED, initrd: "/i" }).success, false);
});

Deno.test("run_code refuses another value of an option than the policy names", async () => {
  const policy = { ...POLICY, options: [{ kind: "vm", name: "kernel", value: "/k" }] };
  const context = {
    policy,
    signal: new AbortController().signal,
    report: () => {},
    turn: () => Promise.reject(new Error("its turn")),
  };
  await assert.rejects(
    codeTool(policy).call({ ...WANTED, kernel: "/other" } as typeof WANTED, context),
    /cannot use the option "kernel" of vm: the only value here is "\/k"$/,
  );
});
