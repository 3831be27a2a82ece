import assert from "node:assert/strict";
import { checkSuite, sourceLine } from "../../src/kernels/apt_suite.ts";

const TARGETS = [
  "Google|https://packages.example.org/apt/|stable",
  "Debian|http://mirror.example.org/debian/|bookworm",
  "Debian|http://mirror.example.org/debian-security/|bookworm-security",
].join("\n");

for (
  const [suite, uri] of [
    ["trixie", "http://mirror.example.org/debian/"],
    ["bookworm-backports", "http://mirror.example.org/debian/"],
    ["trixie-security", "http://mirror.example.org/debian-security/"],
  ] as const
) {
  Deno.test(`sourceLine() of ${suite} is in the archive of the distribution that has it`, () => {
    assert.match(sourceLine(suite, TARGETS), /^deb( \[signed-by=\S+\])? /);
    assert.ok(sourceLine(suite, TARGETS).endsWith(` ${uri} ${suite} main\n`));
  });
}

Deno.test("sourceLine() without an archive of a distribution reports what to do", () => {
  const message =
    "cannot use the suite trixie: apt has no index of Debian or Ubuntu here: run apt-get update as root first";
  assert.throws(() => sourceLine("trixie", TARGETS.split("\n")[0]!), { message });
});

Deno.test("checkSuite() accepts names only", () => {
  checkSuite(undefined);
  checkSuite("bookworm-backports");
  for (const suite of ["", "../x", "a b", "a\nb", "-o"]) {
    assert.throws(() => checkSuite(suite), { name: "TypeError", message: /: it is not a name$/ });
  }
});
