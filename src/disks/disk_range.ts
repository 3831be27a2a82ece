// How large a disk of a run can be.

/** A smaller disk has no room for a journal. */
const MIN_MIB = 8;

/** The largest file that common file systems of hosts support. */
const MAX_MIB = 2 ** 24;

/** The range of sizes of a disk, in MiB. */
export const DISK_RANGE = { least: MIN_MIB, most: MAX_MIB } as const;
