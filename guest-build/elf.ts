// Reads and replaces the interpreter of an ELF program, the loader of shared libraries. Layout:
// elf(5), 64 bit.
//
//   header:          32 e_phoff u64 · 54 e_phentsize u16 · 56 e_phnum u16
//   program header:   0 p_type u32  ·  8 p_offset u64    · 32 p_filesz u64

const MAGIC = 0x7f454c46;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const PT_INTERP = 3;
const HEADER_BYTES = 64;
const ENTRY_BYTES = 56;
/** PATH_MAX of linux/limits.h. */
const MAX_NAME_BYTES = 4096;

/** Reads bytes of a file; fewer than `length` at its end. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

/** The name of an interpreter, and its position in the file. */
export interface Interpreter {
  readonly path: string;
  readonly offset: number;
  /** Bytes available for the name, including its terminating zero. */
  readonly size: number;
}

/**
 * What a file is: `none` for anything but a 64-bit ELF program, `static`, or a program with an
 * interpreter.
 */
export type ElfKind = "none" | "static" | Interpreter;

/** Determines what the file at a path is. @throws {Error} if it cannot be read. */
export async function readElf(path: string): Promise<ElfKind> {
  using file = await Deno.open(path);
  return parseElf(readFileAt(file));
}

/** Makes a reader of an open file, which stays the caller's. */
export function readFileAt(file: Deno.FsFile): ReadAt {
  return (offset, length) => {
    file.seekSync(offset, Deno.SeekMode.Start);
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, file.readSync(bytes) ?? 0);
  };
}

/**
 * Like {@linkcode readElf}. It reads at any offset, as `deno compile` puts the program headers at
 * the end of the file.
 */
export function parseElf(readAt: ReadAt): ElfKind {
  const header = viewOf(readAt(0, HEADER_BYTES));
  if (header.byteLength < HEADER_BYTES || header.getUint32(0) !== MAGIC) return "none";
  if (header.getUint8(4) !== CLASS_64 || header.getUint8(5) !== LITTLE_ENDIAN) return "none";
  const start = Number(header.getBigUint64(32, true));
  const [entryBytes, count] = [header.getUint16(54, true), header.getUint16(56, true)];
  for (let index = 0; index < count; index++) {
    const entry = viewOf(readAt(start + index * entryBytes, ENTRY_BYTES));
    if (entry.byteLength < ENTRY_BYTES) return "none";
    if (entry.getUint32(0, true) === PT_INTERP) return readInterpreter(readAt, entry);
  }
  return "static";
}

function readInterpreter(readAt: ReadAt, entry: DataView): ElfKind {
  const offset = Number(entry.getBigUint64(8, true));
  const size = Number(entry.getBigUint64(32, true));
  if (size > MAX_NAME_BYTES) return "none";
  const name = readAt(offset, size);
  if (name.length < size) return "none";
  return { path: new TextDecoder().decode(name).replace(/\0.*$/s, ""), offset, size };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Sets the interpreter of the program at `path` by overwriting the name in place.
 *
 * @throws {RangeError} if there is no room for the name.
 */
export async function setInterpreter(
  path: string,
  found: Interpreter,
  name: string,
): Promise<void> {
  const bytes = new Uint8Array(found.size);
  const { read } = new TextEncoder().encodeInto(name, bytes.subarray(0, -1));
  if (read < name.length) throw new RangeError(`cannot name ${name} in ${path}: it is too long`);
  using file = await Deno.open(path, { write: true });
  await file.seek(found.offset, Deno.SeekMode.Start);
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
}
