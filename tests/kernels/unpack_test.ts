import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { unpackKernelImage } from "../../src/kernels/unpack.ts";
import { tempDir } from "../support/temp_dir.ts";
import { armImage, bzImage } from "./fixture.ts";

/** An image as built with CONFIG_EFI_ZBOOT. */
function zboot(payload: Uint8Array, kind: string): Uint8Array {
  const offset = 128;
  const image = new Uint8Array(offset + payload.length + 16);
  const view = new DataView(image.buffer);
  image.set(new TextEncoder().encode("MZ\0\0zimg"));
  view.setUint32(8, offset, true);
  view.setUint32(12, payload.length, true);
  image.set(new TextEncoder().encode(kind), 24);
  image.set(payload, offset);
  return image;
}

/** The result of unpacking an image. */
async function unpack(image: Uint8Array): Promise<Uint8Array> {
  using folder = tempDir();
  Deno.writeFileSync(`${folder.path}/source`, image);
  await unpackKernelImage(`${folder.path}/source`, `${folder.path}/target`);
  const names = [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
  assert.deepEqual(names, ["source", "target"]);
  assert.equal(Deno.statSync(`${folder.path}/target`).mode! & 0o777, 0o644);
  return Deno.readFileSync(`${folder.path}/target`);
}

const PLAIN = armImage();

for (
  const [name, image, expected] of [
    ["a bzImage, unchanged", bzImage(), bzImage()],
    ["an Image, unchanged", PLAIN, PLAIN],
    ["the Image in a gzip", gzipSync(PLAIN), PLAIN],
    ["the Image in an EFI zboot image", zboot(gzipSync(PLAIN), "gzip"), PLAIN],
  ] as const
) {
  Deno.test(`unpackKernelImage() writes ${name}`, async () => {
    assert.deepEqual(await unpack(image), new Uint8Array(expected));
  });
}

for (
  const [name, image, message] of [
    ["with an unknown compression", zboot(PLAIN, "lzo"), /compressed by "lzo"$/],
    ["that is truncated", zboot(gzipSync(PLAIN), "gzip").subarray(0, 140), /is truncated$/],
    ["that ends in its header", zboot(PLAIN, "gzip").subarray(0, 40), /is truncated$/],
    ["that is damaged", zboot(new Uint8Array(99), "gzip"), /gzip/],
  ] as const
) {
  Deno.test(`unpackKernelImage() refuses one ${name}`, async () => {
    await assert.rejects(unpack(image), message);
  });
}
