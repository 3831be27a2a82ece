// A compact form of the header of an entry without content; its name is stored elsewhere.
//
//   0 type u8   1 mode u16   3 uid u32   7 gid u32   11 mtime f64   19 major u16   21 minor u32
//   25 length of the target u32, the target, and for each extended attribute: length u32 and bytes
//   of its name, length u32 and bytes of its value

import { decodeName, encodeName } from "../archive/decode_name.ts";
import type { TarHeader, TarType } from "../archive/tar_format.ts";

const TYPES: readonly TarType[] = ["directory", "symlink", "fifo", "char", "block"];
const FIXED_BYTES = 25;

/**
 * Packs a header whose numbers have been checked.
 *
 * @throws {TypeError} if it is that of a file or link.
 */
export function packHeader(header: TarHeader): Uint8Array {
  const type = TYPES.indexOf(header.type);
  if (type < 0) throw new TypeError(`cannot pack the header of a ${header.type}`);
  const runs = [
    encodeName(header.linkName),
    ...[...header.xattrs ?? []].flatMap(([name, value]) => [encodeName(name), value]),
  ];
  const bytes = new Uint8Array(FIXED_BYTES + runs.reduce((sum, run) => sum + 4 + run.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, type);
  view.setUint16(1, header.mode);
  view.setUint32(3, header.uid);
  view.setUint32(7, header.gid);
  view.setFloat64(11, header.mtime);
  view.setUint16(19, header.major);
  view.setUint32(21, header.minor);
  let at = FIXED_BYTES;
  for (const run of runs) {
    view.setUint32(at, run.length);
    bytes.set(run, at + 4);
    at += 4 + run.length;
  }
  return bytes;
}

/** Unpacks a header; its name is empty. */
export function unpackHeader(bytes: Uint8Array): TarHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [linkName, ...others] = [...runsIn(view, bytes)];
  const xattrs = new Map<string, Uint8Array>();
  for (let at = 0; at < others.length; at += 2) {
    xattrs.set(decodeName(others[at]!), others[at + 1]!.slice());
  }
  return {
    type: TYPES[view.getUint8(0)]!,
    name: "",
    linkName: decodeName(linkName!),
    mode: view.getUint16(1),
    uid: view.getUint32(3),
    gid: view.getUint32(7),
    size: 0,
    mtime: view.getFloat64(11),
    major: view.getUint16(19),
    minor: view.getUint32(21),
    ...(xattrs.size > 0 && { xattrs }),
  };
}

function* runsIn(view: DataView, bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = FIXED_BYTES; at < bytes.length;) {
    const end = at + 4 + view.getUint32(at);
    yield bytes.subarray(at + 4, end);
    at = end;
  }
}
