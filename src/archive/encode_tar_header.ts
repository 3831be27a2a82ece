/**
 * Encodes tar headers: plain ustar if everything fits, else with a pax header in front.
 *
 * Not done by modern-tar: 0.8.6 can neither write nor read device numbers.
 */
import { encodeName } from "./decode_name.ts";
import { encodePax, type PaxField, XATTR_PREFIX } from "./pax_records.ts";
import { BLOCK_BYTES, paddingBytes, type TarHeader, TYPEFLAGS } from "./tar_format.ts";

const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
const MAX_OCTAL_7 = 0o7777777;
const MAX_OCTAL_11 = 0o77777777777;
const NON_ASCII = /[^\0-\x7f]/;
const USTAR = new TextEncoder().encode("ustar\u000000");

/**
 * Returns the header blocks of one entry: 512 bytes, or more with a pax header. The data follows.
 *
 * @param extra further pax records, such as those of a sparse file
 */
export function encodeTarHeader(
  header: TarHeader,
  extra: readonly (readonly [string, string])[] = [],
): Uint8Array {
  const split = splitName(header.name);
  const records = [...paxRecords(header, split !== undefined), ...extra];
  const main = ustarBlock(header, TYPEFLAGS[header.type], split ?? ["", header.name]);
  if (records.length === 0) return main;

  const pax = encodePax(records);
  // Only the mtime and the owner are those of the entry: nothing unpacks the name.
  const paxHeader = { ...header, name: "PaxHeader", linkName: "", size: pax.length, mode: 0o644 };
  const blocks = new Uint8Array(2 * BLOCK_BYTES + pax.length + paddingBytes(pax.length));
  blocks.set(ustarBlock({ ...paxHeader, major: 0, minor: 0 }, "x", ["", paxHeader.name]));
  blocks.set(pax, BLOCK_BYTES);
  blocks.set(main, blocks.length - BLOCK_BYTES);
  return blocks;
}

/** Pax records for the values that do not fit into the fixed fields. */
function paxRecords(header: TarHeader, nameFits: boolean): PaxField[] {
  const records: PaxField[] = [];
  // POSIX.1-2017 pax, "hdrcharset": without it bsdtar decodes names as UTF-8.
  if (!header.name.isWellFormed() || !header.linkName.isWellFormed()) {
    records.push(["hdrcharset", "BINARY"]);
  }
  if (!nameFits) records.push(["path", header.name]);
  if (NON_ASCII.test(header.linkName) || header.linkName.length > NAME_BYTES) {
    records.push(["linkpath", header.linkName]);
  }
  if (header.size > MAX_OCTAL_11) records.push(["size", String(header.size)]);
  if (header.uid > MAX_OCTAL_7) records.push(["uid", String(header.uid)]);
  if (header.gid > MAX_OCTAL_7) records.push(["gid", String(header.gid)]);
  const mtime = header.mtime;
  if (mtime < 0 || mtime > MAX_OCTAL_11 || !Number.isInteger(mtime)) {
    records.push(["mtime", String(mtime)]);
  }
  for (const [name, value] of header.xattrs ?? []) {
    records.push([XATTR_PREFIX + name, value]);
  }
  return records;
}

/** The prefix and name as ustar stores them; `undefined` if the name needs a pax record. */
function splitName(name: string): [prefix: string, name: string] | undefined {
  if (NON_ASCII.test(name)) return undefined;
  if (name.length <= NAME_BYTES) return ["", name];
  if (name.length > PREFIX_BYTES + 1 + NAME_BYTES) return undefined;
  // The first slash that leaves a short enough name; a directory's own last slash stays in it.
  const slash = name.indexOf("/", name.length - NAME_BYTES - 1);
  if (slash < 1 || slash > PREFIX_BYTES || slash === name.length - 1) return undefined;
  return [name.slice(0, slash), name.slice(slash + 1)];
}

function ustarBlock(
  header: TarHeader,
  typeflag: string,
  [prefix, name]: readonly [string, string],
): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  writeName(block, 0, name);
  writeOctal(block, 100, 8, header.mode);
  writeOctal(block, 108, 8, header.uid);
  writeOctal(block, 116, 8, header.gid);
  writeOctal(block, 124, 12, header.size);
  writeOctal(block, 136, 12, Math.max(0, Math.floor(header.mtime)));
  block[156] = typeflag.charCodeAt(0);
  writeName(block, 157, header.linkName);
  block.set(USTAR, 257);
  writeOctal(block, 329, 8, header.major);
  writeOctal(block, 337, 8, header.minor);
  for (let at = 0; at < prefix.length; at++) block[345 + at] = prefix.charCodeAt(at);
  writeChecksum(block);
  return block;
}

/** Writes a name, or what fits of it; one that is ASCII is not encoded for that. */
function writeName(block: Uint8Array, offset: number, name: string): void {
  if (NON_ASCII.test(name)) return block.set(encodeName(name).subarray(0, NAME_BYTES), offset);
  const length = Math.min(name.length, NAME_BYTES);
  for (let at = 0; at < length; at++) block[offset + at] = name.charCodeAt(at);
}

/**
 * Writes octal digits and a NUL; a value that does not fit is replaced by the largest that does.
 */
function writeOctal(block: Uint8Array, offset: number, length: number, value: number): void {
  let rest = Math.min(value, 8 ** (length - 1) - 1);
  for (let at = offset + length - 2; at >= offset; at--) {
    block[at] = 0x30 + rest % 8;
    rest = Math.floor(rest / 8);
  }
}

/** Writes the sum of all bytes, with the checksum field itself counted as eight spaces. */
function writeChecksum(block: Uint8Array): void {
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK_BYTES; at++) sum += block[at]!;
  // Six digits, NUL and space: the only field that ends so (POSIX.1-2017 pax, "chksum").
  writeOctal(block, 148, 7, sum);
  block[155] = 0x20;
}
