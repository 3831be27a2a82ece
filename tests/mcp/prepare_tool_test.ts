// Tests the checks of prepare_image; server_test.ts prepares an image.

import assert from "node:assert/strict";
import { type Policy, POLICY_DEFAULTS, Refusal } from "../../src/mcp/policy.ts";
import { prepareTool } from "../../src/mcp/prepare_tool.ts";
import { toolsFor } from "../../src/mcp/serve.ts";
import { PREPARE_OPTION_SPECS } from "../../src/prepare/option_specs.ts";

const POLICY: Policy = {
  ...POLICY_DEFAULTS,
  runners: [],
  options: [],
  images: ["debian:*"],
  files: undefined,
};

/** The turn of a call that has passed all checks. */
class Turn extends Error {}

function prepare(args: Record<string, unknown>, policy: Partial<Policy> = {}) {
  const whole = { ...POLICY, ...policy };
  const tool = prepareTool(whole);
  const { signal } = new AbortController();
  const turn = () => Promise.reject(new Turn());
  return tool.call(tool.input.parse(args), { policy: whole, signal, report: () => {}, turn });
}

const from = "debian:bookworm";

Deno.test("prepare_image exists only where sources are allowed", () => {
  const names = (policy: Policy) => toolsFor(policy).map(({ name }) => name);
  assert.ok(names(POLICY).includes("prepare_image"));
  assert.ok(!names({ ...POLICY, images: [] }).includes("prepare_image"));
});

const ACCEPTED: readonly [Record<string, unknown>, Partial<Policy>][] = [
  [{ from, files: { "/etc/motd": "hi" }, filesBase64: { "/b": "/w==" }, run: [["true"]] }, {}],
  [{ from, network: false, format: "ext4", memoryMib: 2048, cpus: 1 }, {}],
  [{ from, packages: ["python3"], pip: ["numpy==1.26.4"], network: true }, {
    options: [{ kind: "image", name: "network" }],
  }],
  [{ from, cacheKey: "py" }, { options: [{ kind: "image", name: "cacheKey", value: "py" }] }],
  [{ from, refresh: true }, { options: [{ kind: "image", name: "refresh" }] }],
];

for (const [args, policy] of ACCEPTED) {
  Deno.test(`prepare_image accepts ${JSON.stringify(args)}`, async () => {
    await assert.rejects(prepare(args, policy), Turn);
  });
}

const REFUSED: readonly [Record<string, unknown>, RegExp][] = [
  [{ from: "/" }, /^cannot prepare an image from "\/": only these are allowed: debian:\*$/],
  [{ from: "docker:debian" }, /^cannot prepare an image from "docker:debian": only/],
  [{ from, network: true }, /^cannot use a network of prepare_image: clients get none$/],
  [{ from, packages: ["python3"] }, /there is no network/],
  [
    { from, cacheKey: "py" },
    /^cannot use the option "cacheKey" of prepare_image: clients may not$/,
  ],
  [{ from, refresh: true }, /^cannot use the option "refresh" of prepare_image: clients may not$/],
  [{ from, memoryMib: 4096 }, /memoryMib 4096: the most here is 2048$/],
  [{ from, files: { "etc/motd": "" } }, /absolute path/],
  [{ from, filesBase64: { "/a": "?" } }, /^cannot give the file "\/a": it is not base64$/],
  [{ from, packages: ["-o=x"], network: false }, /cannot install the package "-o=x"/],
];

for (const [args, message] of REFUSED) {
  Deno.test(`prepare_image refuses ${JSON.stringify(args)}`, async () => {
    await assert.rejects(prepare(args), (error) => {
      assert.ok(error instanceof Refusal || error instanceof TypeError, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}

for (const name of ["docker", "debian", "registry", "reference", "accel", "sizeMib", "signal"]) {
  Deno.test(`prepare_image does not accept ${name}`, () => {
    assert.ok(name in PREPARE_OPTION_SPECS);
    const { error } = prepareTool(POLICY).input.safeParse({ from, [name]: "x" });
    assert.match(String(error), new RegExp(`Unrecognized key.*${name}`));
  });
}

Deno.test("prepare_image takes pip's names only, no index or wheels", () => {
  const pip = { requirements: ["numpy"], wheels: "/etc" };
  assert.equal(prepareTool(POLICY).input.safeParse({ from, pip }).success, false);
});
