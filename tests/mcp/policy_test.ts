import assert from "node:assert/strict";
import {
  CLIENT_OPTIONS,
  isAllowedSource,
  limitsOf,
  type Policy,
  POLICY_DEFAULTS,
  Refusal,
  requireRunner,
} from "../../src/mcp/policy.ts";
import { RUNNER_TYPES } from "../../src/runners/mod.ts";

const POLICY: Policy = {
  ...POLICY_DEFAULTS,
  runners: RUNNER_TYPES.map(({ kind }) => kind),
  options: [],
  images: [],
  files: undefined,
};

function require(kind: string, name: string, value: string | boolean, policy: Partial<Policy>) {
  requireRunner(kind, { [name]: value }, { target: undefined, policy: { ...POLICY, ...policy } });
}

for (const { kind, options } of RUNNER_TYPES) {
  const others = Object.keys(options).filter((name) => !CLIENT_OPTIONS[kind]?.includes(name));
  for (const name of others) {
    Deno.test(`requireRunner() refuses ${name} of ${kind}, unless the policy names it`, () => {
      assert.throws(() => require(kind, name, "x", {}), Refusal);
      require(kind, name, "x", { options: [{ kind, name }] });
      require(kind, name, "x", { options: [{ kind, name, value: "x" }] });
      const other = [{ kind, name, value: "y" }];
      assert.throws(
        () => require(kind, name, "x", { options: other }),
        /the only value here is "y"$/,
      );
      const elsewhere = [{ kind: kind === "vm" ? "docker" : "vm", name }];
      assert.throws(() => require(kind, name, "x", { options: elsewhere }), Refusal);
    });
  }
}

Deno.test("requireRunner() accepts one of several values, also of a boolean", () => {
  const named = (value: string) => ({ kind: "vm", name: "template", value });
  require("vm", "template", false, { options: [named("other"), named("false")] });
  assert.throws(
    () => require("vm", "template", true, { options: [named("other"), named("false")] }),
    /the only values here are "other", "false"$/,
  );
});

Deno.test("requireRunner() accepts no network by default, and one only by name", () => {
  require("vm", "network", "none", {});
  assert.throws(() => require("vm", "network", "user", {}), /^Refusal: cannot use a network of vm/);
  require("vm", "network", "user", { options: [{ kind: "vm", name: "network", value: "user" }] });
});

const SOURCES: readonly [string, readonly string[], boolean][] = [
  ["debian:bookworm", [], false],
  ["debian:bookworm", ["debian:bookworm"], true],
  ["debian:bookworm", ["debian:*"], true],
  ["debian:bookworm", ["debian:book"], false],
  ["docker:debian:bookworm", ["debian:*"], false],
  ["/etc", ["/srv/*", "debian:*"], false],
  ["/srv/root", ["/srv/*"], true],
  ["/srv/../etc", ["/srv/*"], false],
  ["/srv/..", ["/srv/*"], false],
  ["/srv/a..b", ["/srv/*"], true],
];

for (const [from, images, isAllowed] of SOURCES) {
  Deno.test(`isAllowedSource() of ${from} with ${images.join(", ") || "nothing"}`, () => {
    assert.equal(isAllowedSource(from, { ...POLICY, images }), isAllowed);
  });
}

Deno.test("limitsOf() gives defaults below the limits, and refuses what is above", () => {
  assert.deepEqual(limitsOf({}, { ...POLICY, maxMemoryMib: 100 }).memoryMib, 100);
  assert.throws(() => limitsOf({ memoryMib: 101 }, { ...POLICY, maxMemoryMib: 100 }), Refusal);
});
