import assert from "node:assert/strict";
import { parseReference, showReference } from "../../src/images/reference.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const HUB = "registry-1.docker.io";

Deno.test("parseReference() fills in what a short name leaves out", () => {
  const rows: [string, ReturnType<typeof parseReference>][] = [
    ["alpine", { host: HUB, repository: "library/alpine", tag: "latest" }],
    ["user/app:1.2", { host: HUB, repository: "user/app", tag: "1.2" }],
    ["docker.io/alpine", { host: HUB, repository: "library/alpine", tag: "latest" }],
    ["docker.io/user/app", { host: HUB, repository: "user/app", tag: "latest" }],
    ["ghcr.io/a/b/c:v1", { host: "ghcr.io", repository: "a/b/c", tag: "v1" }],
    ["localhost/app", { host: "localhost", repository: "app", tag: "latest" }],
    ["host:5000/app", { host: "host:5000", repository: "app", tag: "latest" }],
    ["[::1]:5000/app:t", { host: "[::1]:5000", repository: "app", tag: "t" }],
    [`ghcr.io/app@${DIGEST}`, { host: "ghcr.io", repository: "app", digest: DIGEST }],
    [
      `ghcr.io/app:v1@${DIGEST}`,
      { host: "ghcr.io", repository: "app", tag: "v1", digest: DIGEST },
    ],
  ];
  for (const [text, reference] of rows) assert.deepEqual(parseReference(text), reference, text);
});

Deno.test("showReference() returns what parseReference() reads", () => {
  for (const text of ["alpine", `ghcr.io/app:v1@${DIGEST}`, "host:5000/a/b", `a/b@${DIGEST}`]) {
    const reference = parseReference(text);
    assert.deepEqual(parseReference(showReference(reference)), reference);
  }
  assert.equal(showReference(parseReference("alpine")), "docker.io/library/alpine:latest");
});

Deno.test("parseReference() reports what is wrong with a name", () => {
  const rows: [string, RegExp][] = [
    ["", /"library\/" is not a name/],
    ["Alpine", /"library\/Alpine" is not a name in lower case$/],
    ["ghcr.io/", /"" is not a name/],
    ["ghcr.io/../x", /"..\/x" is not a name/],
    ["ghcr.io/a:", /"" is not a tag/],
    ["ghcr.io/a:b c", /"b c" is not a tag/],
    ["ghcr.io/a@sha256:12", /"sha256:12" is not a sha256 digest/],
    ["user@host.example/a", /is not a sha256 digest/],
    ["host.example:port/a", /"host.example:port" is not a host/],
  ];
  for (const [text, message] of rows) {
    assert.throws(() => parseReference(text), { name: "TypeError", message }, text);
  }
});
