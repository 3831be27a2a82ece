import assert from "node:assert/strict";
import { readKernelImage } from "../../src/kernels/image.ts";
import { armImage, bzImage } from "./fixture.ts";

Deno.test("readKernelImage() recognises a bzImage and an Image, and their versions", () => {
  assert.deepEqual(readKernelImage(bzImage("6.12.1+deb-x.y (me) #1")), {
    arch: "x86_64",
    version: "6.12.1+deb-x.y",
  });
  assert.deepEqual(readKernelImage(armImage()), { arch: "aarch64", version: "6.1.0-arm" });
  assert.deepEqual(readKernelImage(armImage("none")), { arch: "aarch64", version: "unknown" });
});

Deno.test("readKernelImage() reports why a file is not a kernel image", () => {
  const noEntry = bzImage();
  noEntry[0x236] = 0;
  const rows: [string, Uint8Array, RegExp][] = [
    ["empty", new Uint8Array(), /^it is empty,/],
    ["short", new Uint8Array(10), /^it is too short,/],
    ["zeros", new Uint8Array(10_000), /^it is another kind of file,/],
    ["text", new TextEncoder().encode("<html>".repeat(1000)), /^it is another kind of file,/],
    ["gzip", new Uint8Array([0x1f, 0x8b, ...new Uint8Array(1000)]), /^it is compressed by gzip,/],
    [
      "ELF",
      new Uint8Array([0x7f, 0x45, 0x4c, 0x46, ...new Uint8Array(1000)]),
      /^it is an ELF file/,
    ],
    ["32 bits", noEntry, /^it has no 64-bit entry$/],
    ["cut", bzImage().subarray(0, 1500), /^it is truncated: it has 1500 of 1600 bytes$/],
    ["cut in the header", bzImage().subarray(0, 0x230), /^it is too short,/],
  ];
  for (const [name, bytes, message] of rows) {
    assert.throws(() => readKernelImage(bytes), { message }, name);
  }
});
