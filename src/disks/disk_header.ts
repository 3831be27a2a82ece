// Recognises the format of a disk by its first bytes. Pure.

import { ROOT_TYPES, type RootType } from "../machine/protocol_words.ts";

/** The format in which a file stores a disk. */
export type DiskFormat = "raw" | "qcow2";

/** Bytes from the start of a file that identify its format. */
export const HEADER_BYTES = 4096;

/** The properties of a disk that its first bytes show. */
export interface DiskHeader {
  readonly format: DiskFormat;
  /** The file system; undefined if it cannot be a root, or is hidden in a qcow2. */
  readonly fileSystem?: RootType;
  /** Why the disk cannot be used, if it cannot. */
  readonly fact?: string;
  /** Why the disk cannot be used as a read-only root, if it cannot. */
  readonly rootFact?: string;
}

// qemu docs/interop/qcow2.txt
const QCOW2_MAGIC = 0x514649fb;
const QCOW2_BACKING_FILE = 8;
const QCOW2_VERSION = 4;
const QCOW2_INCOMPATIBLE = 72;
const QCOW2_EXTERNAL_DATA = 1 << 2;

/** Magic numbers: fs/ext4/ext4.h, fs/squashfs/squashfs_fs.h, fs/erofs/erofs_fs.h; little-endian. */
const MAGIC: Readonly<Record<RootType, { readonly at: number; readonly value: number }>> = {
  ext4: { at: 1024 + 0x38, value: 0xef53 },
  squashfs: { at: 0, value: 0x73717368 },
  erofs: { at: 1024, value: 0xe0f5e1e2 },
};
const EXT4_INCOMPATIBLE = 1024 + 0x60;
const EXT4_NEEDS_RECOVERY = 0x4;

/** Parses the first {@linkcode HEADER_BYTES} of a file, or all of a shorter one. */
export function readDiskHeader(bytes: Uint8Array): DiskHeader {
  const header = new Uint8Array(HEADER_BYTES);
  header.set(bytes.subarray(0, HEADER_BYTES));
  const view = new DataView(header.buffer);
  if (view.getUint32(0) === QCOW2_MAGIC) return readQcow2(view);
  const fileSystem = ROOT_TYPES.find((type) => isOf(type, view));
  if (fileSystem === undefined) return { format: "raw" };
  const isUnclean = fileSystem === "ext4" &&
    (view.getUint32(EXT4_INCOMPATIBLE, true) & EXT4_NEEDS_RECOVERY) !== 0;
  return { format: "raw", fileSystem, ...(isUnclean && { rootFact: UNCLEAN }) };
}

const UNCLEAN = "it was not unmounted cleanly: repair it with e2fsck -fy, or allow writing to it";

/**
 * Refuses a qcow2 that refers to other files: a guest may have written its header to a raw disk.
 */
function readQcow2(view: DataView): DiskHeader {
  const format = "qcow2";
  const flatten = "merge them with qemu-img convert -O qcow2";
  if (view.getBigUint64(QCOW2_BACKING_FILE) !== 0n) {
    return { format, fact: `it is a qcow2 with a backing file: ${flatten}` };
  }
  const hasFeatures = view.getUint32(QCOW2_VERSION) >= 3;
  const features = hasFeatures ? view.getUint32(QCOW2_INCOMPATIBLE + 4) : 0;
  if ((features & QCOW2_EXTERNAL_DATA) !== 0) {
    return { format, fact: `it is a qcow2 with its data in another file: ${flatten}` };
  }
  return { format };
}

function isOf(type: RootType, view: DataView): boolean {
  const { at, value } = MAGIC[type];
  return (type === "ext4" ? view.getUint16(at, true) : view.getUint32(at, true)) === value;
}
