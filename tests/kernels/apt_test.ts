import assert from "node:assert/strict";
import { parsePackage } from "../../src/kernels/apt.ts";

const STANZA = `Package: linux-image-6.1.0-56-cloud-amd64
Source: linux-signed-amd64 (6.1.192+2)
Version: 6.1.192-2
Depends: kmod, linux-base (>= 4.3~), initramfs-tools (>= 0.120+deb8u2) | linux-initramfs-tool
Description: Linux 6.1 for x86-64 cloud (signed)
 Version: not this one
Size: 26713492
SHA256: E7D02b943971edcb8790e256c02cfab3bca6c3d37c1bf25392a57c71300615ee
`;

Deno.test("parsePackage() parses the output of apt-cache show", () => {
  assert.deepEqual(parsePackage(STANZA), {
    name: "linux-image-6.1.0-56-cloud-amd64",
    version: "6.1.192-2",
    sha256: "e7d02b943971edcb8790e256c02cfab3bca6c3d37c1bf25392a57c71300615ee",
    bytes: 26713492,
    depends: ["kmod", "linux-base", "initramfs-tools", "linux-initramfs-tool"],
  });
});

Deno.test("parsePackage() returns the first of several versions", () => {
  const older = STANZA.replace("6.1.192-2", "6.1.1-1");
  assert.equal(parsePackage(`${STANZA}\n${older}`)?.version, "6.1.192-2");
});

Deno.test("parsePackage() returns undefined for a package without a hash", () => {
  assert.equal(parsePackage(""), undefined);
  assert.equal(parsePackage(STANZA.replace(/^SHA256.*$/m, "")), undefined);
  assert.equal(parsePackage("N: no packages found"), undefined);
});

Deno.test("parsePackage() reads a dependency with architecture and exact version", () => {
  const text = STANZA.replace(
    /^Depends.*$/m,
    "Depends: linux-image-6.8.0-1-virtual:any (= 1:2), b",
  );
  assert.deepEqual(parsePackage(text)?.depends, ["linux-image-6.8.0-1-virtual", "b"]);
});
