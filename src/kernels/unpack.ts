// Decompresses kernel images of aarch64: those compressed by gzip, and EFI zboot images, which
// unpack themselves but require firmware.
//
// The header of an EFI zboot image (drivers/firmware/efi/libstub/zboot-header.S of Linux):
//   0 "MZ" · 4 "zimg" · 8 offset of the payload u32 · 12 its size u32 · 24 compression, a C string

import { runTool } from "../host/run_tool.ts";

const HEADER_BYTES = 64;

/** Programs that decompress a file to stdout, by type of compression. */
const DECOMPRESSORS: Readonly<Record<string, string>> = { gzip: "gzip", zstd: "zstd", xz: "xz" };

/**
 * Writes the kernel image at `source` to a new file that QEMU can boot: decompressed if it is a
 * gzip file or an EFI zboot image, else unchanged.
 *
 * @throws {Error} if it is damaged or uses an unsupported compression.
 */
export async function unpackKernelImage(source: string, target: string): Promise<void> {
  const bytes = await Deno.readFile(source);
  const [first, second] = bytes;
  if (first === 0x1f && second === 0x8b) { // RFC 1952
    await Deno.writeFile(target, await runTool(["gzip", "-dcq", "--", source]), { mode: 0o644 });
  } else if (textAt(bytes, 0, 2) === "MZ" && textAt(bytes, 4, 4) === "zimg") {
    await unpackZboot(bytes, target);
  } else await Deno.writeFile(target, bytes, { mode: 0o644 });
}

async function unpackZboot(bytes: Uint8Array, target: string): Promise<void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES) throw new Error("the kernel image is truncated");
  const [offset, size] = [view.getUint32(8, true), view.getUint32(12, true)];
  const kind = textAt(bytes, 24, 32).replace(/\0.*$/s, "");
  const program = DECOMPRESSORS[kind];
  if (program === undefined) {
    throw new Error(`the kernel image is compressed by ${JSON.stringify(kind)}`);
  }
  if (offset + size > bytes.length) throw new Error("the kernel image is truncated");
  const payload = `${target}.${kind}`;
  await Deno.writeFile(payload, bytes.subarray(offset, offset + size));
  try {
    await Deno.writeFile(target, await runTool([program, "-dcq", "--", payload]), { mode: 0o644 });
  } finally {
    await Deno.remove(payload);
  }
}

function textAt(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}
