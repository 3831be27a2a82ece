// A separate cache, and images that look like kernels.

import { tempDir } from "../support/temp_dir.ts";

/** An empty cache folder that execvm uses, in this process, until it is disposed. */
export function ownCache(): { readonly path: string } & Disposable {
  const folder = tempDir();
  const before = Deno.env.get("EXECVM_CACHE");
  Deno.env.set("EXECVM_CACHE", folder.path);
  return {
    path: folder.path,
    [Symbol.dispose]() {
      if (before === undefined) Deno.env.delete("EXECVM_CACHE");
      else Deno.env.set("EXECVM_CACHE", before);
      folder[Symbol.dispose]();
    },
  };
}

/** Bytes with the header of a bzImage for x86_64, but no code. */
export function bzImage(version = "6.1.0-test (me@here) #1 SMP"): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(512 * 3 + 64); // boot sector, two of setup, four times 16 of kernel
  const view = new DataView(image.buffer);
  view.setUint8(0x1f1, 2); // setup_sects
  view.setUint32(0x1f4, 4, true); // syssize
  image.set(new TextEncoder().encode("HdrS"), 0x202);
  view.setUint16(0x206, 0x20f, true); // protocol
  view.setUint16(0x20e, 0x100, true); // kernel_version, from 0x200 on
  view.setUint16(0x236, 1, true); // xloadflags: XLF_KERNEL_64
  image.set(new TextEncoder().encode(`${version}\0`), 0x300);
  return image;
}

/** Bytes with the header of an Image for aarch64. */
export function armImage(banner = "Linux version 6.1.0-arm (me@here)"): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(1024);
  image.set(new TextEncoder().encode("ARM\x64"), 0x38);
  image.set(new TextEncoder().encode(`a Linux, not yet; ${banner}\0`), 0x200);
  return image;
}

/** A kernel module that consists of its .modinfo. */
export function moduleElf(info: readonly string[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const modinfo = encoder.encode(info.map((line) => `${line}\0`).join(""));
  const names = encoder.encode("\0.modinfo\0.shstrtab\0");
  const table = 64 + modinfo.length + names.length;
  const elf = new Uint8Array(table + 3 * 64);
  const view = new DataView(elf.buffer);
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  view.setBigUint64(0x28, BigInt(table), true); // e_shoff
  view.setUint16(0x3a, 64, true); // e_shentsize
  view.setUint16(0x3c, 3, true); // e_shnum
  view.setUint16(0x3e, 2, true); // e_shstrndx
  elf.set(modinfo, 64);
  elf.set(names, 64 + modinfo.length);
  const section = (index: number, name: number, start: number, size: number) => {
    view.setUint32(table + index * 64, name, true);
    view.setBigUint64(table + index * 64 + 0x18, BigInt(start), true);
    view.setBigUint64(table + index * 64 + 0x20, BigInt(size), true);
  };
  section(1, 1, 64, modinfo.length);
  section(2, 10, 64 + modinfo.length, names.length);
  return elf;
}
