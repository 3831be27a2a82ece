// Identifies kernel images by their header.
//
//   x86_64   Documentation/x86/boot.rst, "The Real-Mode Kernel Header"
//   aarch64  Documentation/arm64/booting.rst, "Call the kernel image"

import type { KernelArch } from "../machine/architectures.ts";

/** The properties of a kernel image. */
export interface KernelImage {
  readonly arch: KernelArch;
  /** Version, as printed by `uname -r`; `unknown` if the image does not contain it as text. */
  readonly version: string;
}

/**
 * Bytes that identify every kind of image: the x86 header follows a boot sector and ends before.
 */
const HEADER_BYTES = 0x250;
const ARM64_HEADER_BYTES = 0x40;

/**
 * Reads the header of a kernel image.
 *
 * @param bytes the whole image
 * @throws {Error} if it is not a kernel image, is one of 32 bits, or is truncated; the message is
 * only the fact.
 */
export function readKernelImage(bytes: Uint8Array): KernelImage {
  if (textAt(bytes, 0x202, 4) === "HdrS" && bytes.length >= HEADER_BYTES) return readBzImage(bytes);
  if (textAt(bytes, 0x38, 4) === "ARM\x64" && bytes.length >= ARM64_HEADER_BYTES) {
    return { arch: "aarch64", version: bannerVersion(bytes) ?? "unknown" };
  }
  throw new Error(`it is ${kindOf(bytes)}, not a bzImage of x86_64 or an Image of aarch64`);
}

function readBzImage(bytes: Uint8Array): KernelImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const protocol = view.getUint16(0x206, true);
  const loadFlags = protocol >= 0x20c ? view.getUint16(0x236, true) : 0;
  if ((loadFlags & 1) === 0) throw new Error("it has no 64-bit entry"); // XLF_KERNEL_64
  const setupSectors = view.getUint8(0x1f1) || 4; // 0 means 4
  const wanted = (setupSectors + 1) * 512 + view.getUint32(0x1f4, true) * 16;
  // syssize is rounded up to 16 bytes, the size of the file may not be.
  if (bytes.length + 16 <= wanted) {
    throw new Error(`it is truncated: it has ${bytes.length} of ${wanted} bytes`);
  }
  const start = view.getUint16(0x20e, true) + 0x200;
  return { arch: "x86_64", version: firstWord(textAt(bytes, start, 256)) ?? "unknown" };
}

/** The version in the boot banner of the kernel; only found in an uncompressed image. */
function bannerVersion(bytes: Uint8Array): string | undefined {
  const banner = new TextEncoder().encode("Linux version ");
  for (let at = bytes.indexOf(banner[0]!); at >= 0; at = bytes.indexOf(banner[0]!, at + 1)) {
    if (!banner.every((byte, index) => bytes[at + index] === byte)) continue;
    return firstWord(textAt(bytes, at + banner.length, 256));
  }
  return undefined;
}

function firstWord(text: string): string | undefined {
  return /^[\w.+~-]+/.exec(text)?.[0];
}

function textAt(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}

function kindOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return "empty";
  if (textAt(bytes, 0, 2) === "\x1f\x8b") return "compressed by gzip";
  if (textAt(bytes, 0, 4) === "\x7fELF") return "an ELF file, such as vmlinux";
  if (textAt(bytes, 0, 8) === "!<arch>\n") return "a package (for execvm kernel fetch --from)";
  if (bytes.length < HEADER_BYTES) return "too short";
  return "another kind of file";
}
