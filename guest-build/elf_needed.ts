// Lists the shared libraries that an ELF file names, for files that ldd(1) cannot handle, as it
// runs their loader. Layout: elf(5), 64 bit, little endian.
//
//   header:          32 e_phoff u64 · 54 e_phentsize u16 · 56 e_phnum u16
//   program header:   0 p_type u32  ·  8 p_offset u64    · 16 p_vaddr u64 · 32 p_filesz u64
//   dynamic section:  pairs of a tag u64 and a value u64, up to a tag of 0

import { type ReadAt, readFileAt } from "./elf.ts";

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;
const DT_STRSZ = 10n;
const ENTRY_BYTES = 16;

/** A segment of a file, and its address in memory. */
interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/**
 * The names of the libraries that the file at a path needs directly.
 *
 * @throws {Error} if it is damaged.
 */
export async function readNeeded(path: string): Promise<string[]> {
  using file = await Deno.open(path);
  return parseNeeded(readFileAt(file));
}

/** Like {@linkcode readNeeded}, for a reader. */
export function parseNeeded(readAt: ReadAt): string[] {
  const segments = segmentsOf(readAt);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (dynamic === undefined) return [];
  const entries = entriesOf(readAt(dynamic.offset, dynamic.size));
  const valueOf = (wanted: bigint) => Number(entries.find(([tag]) => tag === wanted)?.[1] ?? 0n);
  const strings = readAt(offsetOf(valueOf(DT_STRTAB), segments), valueOf(DT_STRSZ));
  return entries.filter(([tag]) => tag === DT_NEEDED).map(([, at]) => nameAt(strings, Number(at)));
}

function segmentsOf(readAt: ReadAt): Segment[] {
  const header = viewOf(readAt(0, 64));
  const start = Number(header.getBigUint64(32, true));
  const [bytes, count] = [header.getUint16(54, true), header.getUint16(56, true)];
  const table = viewOf(readAt(start, bytes * count));
  return Array.from({ length: count }, (_, index) => {
    const field = (at: number) => Number(table.getBigUint64(index * bytes + at, true));
    const type = table.getUint32(index * bytes, true);
    return { type, offset: field(8), address: field(16), size: field(32) };
  });
}

function entriesOf(bytes: Uint8Array): [bigint, bigint][] {
  const view = viewOf(bytes);
  const entries: [bigint, bigint][] = [];
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const tag = view.getBigUint64(at, true);
    if (tag === 0n) break;
    entries.push([tag, view.getBigUint64(at + 8, true)]);
  }
  return entries;
}

/** The file offset of an address in memory. */
function offsetOf(address: number, segments: readonly Segment[]): number {
  const found = segments.find((segment) =>
    segment.type === PT_LOAD && address >= segment.address &&
    address < segment.address + segment.size
  );
  if (found === undefined) throw new Error("its dynamic section names no strings of the file");
  return address - found.address + found.offset;
}

function nameAt(strings: Uint8Array, at: number): string {
  const end = strings.indexOf(0, at);
  if (at >= strings.length || end < 0) throw new Error("its dynamic section is truncated");
  return new TextDecoder().decode(strings.subarray(at, end));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
