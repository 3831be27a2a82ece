import assert from "node:assert/strict";
import { choosePlatform, fits, parsePlatform } from "../../src/images/platform.ts";

const descriptor = (platform: string | undefined) => ({
  mediaType: "",
  digest: `sha256:${"0".repeat(64)}`,
  size: 1,
  ...(platform !== undefined && { platform: parsePlatform(platform) }),
});

Deno.test("choosePlatform() chooses the lowest variant that fits", () => {
  const rows: [string, (string | undefined)[], number | undefined][] = [
    ["linux/amd64", ["linux/arm64/v8", "linux/amd64"], 1],
    ["linux/amd64", ["linux/amd64/v3", "linux/amd64/v2", "linux/amd64"], 2],
    ["linux/amd64", ["linux/amd64/v3", "linux/amd64/v2"], 1],
    ["linux/amd64", ["windows/amd64", "unknown/unknown", undefined], undefined],
    ["linux/arm64", ["linux/arm/v7", "linux/arm64/v8"], 1],
    ["linux/arm64/v8", ["linux/arm64"], 0],
    ["linux/arm/v6", ["linux/arm/v7", "linux/arm/v6"], 1],
    ["linux/arm/v5", ["linux/arm/v7", "linux/arm/v6"], undefined],
  ];
  for (const [wanted, there, index] of rows) {
    const manifests = there.map(descriptor);
    const expected = index === undefined ? undefined : manifests[index];
    assert.equal(choosePlatform(manifests, parsePlatform(wanted)), expected, `${wanted}: ${there}`);
  }
});

Deno.test("fits() knows what a missing variant means", () => {
  const isFit = (platform: string, wanted: string) =>
    fits(parsePlatform(platform), parsePlatform(wanted));
  assert.ok(isFit("linux/arm64", "linux/arm64/v8"));
  assert.ok(isFit("linux/arm64/v8", "linux/arm64"));
  assert.ok(!isFit("linux/arm64", "linux/amd64"));
  assert.ok(!isFit("windows/amd64", "linux/amd64"));
  assert.ok(!isFit("linux/amd64", "linux/amd64/v3"));
});

Deno.test("parsePlatform() refuses anything else", () => {
  for (const text of ["", "linux", "linux/", "/amd64", "linux/arm/", "linux/arm/v7/x"]) {
    assert.throws(() => parsePlatform(text), {
      name: "TypeError",
      message: /must be like linux\//,
    });
  }
});
