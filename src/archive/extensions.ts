/** Collects the values of extension headers: local ones for the next entry, global ones for all. */
import { ArchiveError } from "./archive_error.ts";
import { decodeName } from "./decode_name.ts";
import { storedBytes } from "./decode_tar_header.ts";
import { MAX_XATTR_LIST_BYTES, MAX_XATTR_NAME_BYTES } from "./limits.ts";
import { decodePax, type PaxRecord, XATTR_PREFIX } from "./pax_records.ts";

/**
 * Records with a single value that are kept. Others are not, so that a large global header costs
 * nothing for each entry.
 */
const NAMES = ["path", "linkpath", "GNU.sparse.name"] as const;
const NUMBERS = [
  ...["size", "uid", "gid", "mtime"] as const,
  ...["GNU.sparse.major", "GNU.sparse.size", "GNU.sparse.realsize"] as const,
];
const KEPT: ReadonlySet<string> = new Set<string>([...NAMES, ...NUMBERS]);

/** Records of a sparse map: the repeated ones of format 0.0 and the list of format 0.1. */
const MAP_KEYS: ReadonlySet<string> = new Set(
  ["GNU.sparse.offset", "GNU.sparse.numbytes", "GNU.sparse.map"],
);

/**
 * The longest number accepted: 2^64 has 20 digits, which leaves room for a point and nanoseconds.
 */
const MAX_NUMBER_BYTES = 64;

type NameKey = typeof NAMES[number];
type NumberKey = typeof NUMBERS[number];

/**
 * The values of extended headers, added in the order of the archive; later ones override earlier.
 */
export class Extensions {
  readonly #globals = new Map<string, Uint8Array>();
  readonly #local = new Map<string, Uint8Array>();
  #xattrs: Map<string, Uint8Array> | undefined;
  #xattrListBytes = 0;
  #mapLists: Uint8Array[] = [];
  #isNoneWaiting = true;

  /** Clears the values of the previous entry. */
  startEntry(): void {
    this.#local.clear();
    this.#xattrs = undefined;
    this.#xattrListBytes = 0;
    this.#mapLists = [];
    this.#isNoneWaiting = true;
  }

  /** Whether no header since `startEntry` applies to an entry, only to the archive. */
  get isNoneWaiting(): boolean {
    return this.#isNoneWaiting;
  }

  /**
   * Adds the content of an extended header.
   *
   * @param typeflag of the header: `x`, `X`, `g`, `L`, `K` or `V`
   * @throws {ArchiveError} if its records are malformed
   */
  add(typeflag: string, content: Uint8Array): void {
    if (typeflag === "V") return; // the label of a volume
    if (typeflag === "g") return this.#addGlobals(content);
    this.#isNoneWaiting = false;
    if (typeflag === "L" || typeflag === "K") {
      const key = typeflag === "L" ? "path" : "linkpath";
      this.#local.set(key, storedBytes(content, 0, content.length));
      return;
    }
    for (const record of decodePax(content)) this.#addLocal(record);
  }

  /**
   * Returns the last value. An empty one revokes a global value (POSIX.1-2017 pax, "pax Extended
   * Header").
   */
  bytes(key: NameKey | NumberKey): Uint8Array | undefined {
    const value = this.#local.get(key) ?? this.#globals.get(key);
    return value?.length === 0 ? undefined : value;
  }

  /** Returns the last value as a number. @throws {ArchiveError} if it is not a number */
  number(key: NumberKey): number | undefined {
    const value = this.bytes(key);
    if (value === undefined) return undefined;
    const text = String.fromCharCode(...value.subarray(0, MAX_NUMBER_BYTES));
    const pattern = key === "mtime" ? /^-?0*[0-9]{1,15}(\.[0-9]*)?$/ : /^0*[0-9]{1,15}$/;
    if (value.length <= MAX_NUMBER_BYTES && pattern.test(text)) return Number(text);
    throw new ArchiveError(
      `cannot read the tar archive: pax ${key} must be a number: ${JSON.stringify(text)}`,
    );
  }

  /** Extended attributes by name, if there are any. */
  get xattrs(): ReadonlyMap<string, Uint8Array> | undefined {
    return this.#xattrs;
  }

  get isSparse(): boolean {
    return (this.bytes("GNU.sparse.major") ?? this.bytes("GNU.sparse.size")) !== undefined;
  }

  /** Whether the sparse map precedes the content, as in format 1.0. */
  get hasMapInContent(): boolean {
    return this.number("GNU.sparse.major") === 1;
  }

  /** The records of a sparse map of format 0.0 or 0.1. */
  get mapLists(): readonly Uint8Array[] {
    return this.#mapLists;
  }

  #addGlobals(content: Uint8Array): void {
    for (const { key, value } of decodePax(content)) {
      // A copy, as a view would keep the whole header in memory.
      if (KEPT.has(key)) this.#globals.set(key, value.slice());
    }
  }

  #addLocal({ key, keyBytes, value }: PaxRecord): void {
    if (KEPT.has(key)) {
      this.#local.set(key, value);
    } else if (MAP_KEYS.has(key)) {
      this.#mapLists.push(value);
    } else if (key.startsWith(XATTR_PREFIX) && key !== XATTR_PREFIX) {
      this.#addXattr(keyBytes.subarray(XATTR_PREFIX.length), value);
    }
  }

  #addXattr(name: Uint8Array, value: Uint8Array): void {
    this.#xattrListBytes += name.length + 1;
    if (name.length > MAX_XATTR_NAME_BYTES) {
      throw tooManyXattrs(`names of at most ${MAX_XATTR_NAME_BYTES} bytes each`, name.length);
    }
    if (this.#xattrListBytes > MAX_XATTR_LIST_BYTES) {
      const most = `names of at most ${MAX_XATTR_LIST_BYTES} bytes in all, each with a NUL`;
      throw tooManyXattrs(most, this.#xattrListBytes);
    }
    this.#xattrs ??= new Map();
    this.#xattrs.set(decodeName(name), value.slice());
  }
}

function tooManyXattrs(most: string, found: number): ArchiveError {
  return new ArchiveError(
    `cannot read the tar archive: extended attributes must have ${most}: there are ${found}`,
  );
}
