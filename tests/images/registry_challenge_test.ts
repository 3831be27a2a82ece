import assert from "node:assert/strict";
import { parseChallenge } from "../../src/images/registry_challenge.ts";

Deno.test("parseChallenge() reads the forms that registries use", () => {
  const bearer = { scheme: "bearer", realm: "https://auth.example/token?a=b,c" };
  const rows: [string, ReturnType<typeof parseChallenge>][] = [
    [
      'Bearer realm="https://auth.example/token?a=b,c",service="registry.example",scope="x y"',
      { ...bearer, scheme: "bearer", service: "registry.example" },
    ],
    ['bearer realm="https://auth.example/token?a=b,c"', { ...bearer, scheme: "bearer" }],
    ["Bearer service=s, realm=r", { scheme: "bearer", realm: "r", service: "s" }],
    ['Basic realm="a Bearer of things"', { scheme: "basic" }],
    ["basic", { scheme: "basic" }],
    ['Basic realm="x", Bearer realm="r"', { scheme: "bearer", realm: "r" }],
    ['Digest realm="x"', undefined],
    ["Bearer", undefined],
    ["", undefined],
  ];
  for (const [header, challenge] of rows) {
    assert.deepEqual(parseChallenge(header), challenge, header);
  }
});
