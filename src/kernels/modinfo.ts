// Reads the dependencies of a kernel module from the section .modinfo of its ELF file: `key=value`,
// each followed by a NUL (include/linux/moduleinfo.h). Packages have no modules.dep: it is made on
// installation.

/** What a module needs: others that must be loaded before it, and its kernel. */
export interface ModuleNeeds {
  /** Modules that it cannot be loaded without. */
  readonly depends: readonly string[];
  /** Modules that improve it or that it requests later; they may be missing. */
  readonly wishes: readonly string[];
  /** The kernel that it was built for: `6.1.0 SMP mod_unload`; the first word is its release. */
  readonly vermagic?: string;
}

/** Reads the dependencies of a module. @throws {Error} if it is not a module of a 64-bit kernel. */
export function readModuleNeeds(elf: Uint8Array): ModuleNeeds {
  const info = section(elf, ".modinfo");
  if (info === undefined) throw new Error("it is not a kernel module: it has no section .modinfo");
  const values = (key: string) =>
    new TextDecoder().decode(info).split("\0")
      .filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
  const [vermagic] = values("vermagic");
  return {
    ...(vermagic !== undefined && { vermagic }),
    depends: values("depends").flatMap((list) => list.split(",")).filter(Boolean).map(moduleName),
    // "pre: a b post: c": those to load after it are loaded before it too, which does no harm.
    wishes: values("softdep").flatMap((list) => list.split(/\s+/))
      .filter((word) => word !== "" && !word.endsWith(":")).map(moduleName),
  };
}

/** Returns the normalised name of a module, with `_` for `-`, from its name or file name. */
export function moduleName(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1).replace(/\.ko(\.(xz|zst|gz))?$/, "")
    .replaceAll("-", "_");
}

/** The bytes of a section of a little-endian ELF64 file (elf(5)). */
function section(elf: Uint8Array, wanted: string): Uint8Array | undefined {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  if (elf.length < 64 || view.getUint32(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) {
    throw new Error("it is not a kernel module: it is not a 64-bit ELF file");
  }
  const table = Number(view.getBigUint64(0x28, true));
  const entry = (index: number) => {
    const at = table + index * view.getUint16(0x3a, true);
    const start = Number(view.getBigUint64(at + 0x18, true));
    const size = Number(view.getBigUint64(at + 0x20, true));
    return { name: view.getUint32(at, true), bytes: elf.subarray(start, start + size) };
  };
  try {
    const names = entry(view.getUint16(0x3e, true)).bytes;
    const text = new TextDecoder("latin1").decode(names);
    const sections = Array.from({ length: view.getUint16(0x3c, true) }, (_, index) => entry(index));
    return sections.find(({ name }) => text.slice(name).startsWith(`${wanted}\0`))?.bytes;
  } catch (error) {
    throw new Error("it is not a kernel module: its ELF file is truncated", { cause: error });
  }
}
