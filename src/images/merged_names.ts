// The names of merged layers in a temporary file, in the order in which they are written.
//
//   names without content: path, NUL, header as `packHeader` makes it
//   all others: number of their entry u32, path

import { decodeName } from "../archive/decode_name.ts";
import type { TarHeader } from "../archive/tar_format.ts";
import { unpackHeader } from "./packed_header.ts";
import type { RecordFile } from "./record_file.ts";

/** A name that is written when its layer is read again. */
export interface NameInPlace {
  /** The number of the entry, counted over all layers from 1. */
  readonly entry: number;
  /** The path from the root. */
  readonly path: string;
}

const NUL = new Uint8Array(1);

/** The names of one root. Those without content must all be added before the others. */
export class MergedNames {
  readonly #records: RecordFile;
  readonly #number = new Uint8Array(4);
  readonly #view = new DataView(this.#number.buffer);
  #plainBytes = 0;

  /** @param records empty; stays the caller's to dispose */
  constructor(records: RecordFile) {
    this.#records = records;
  }

  /** Adds a name whose header is all that is needed to write it. */
  addPlain(path: Uint8Array, packedHeader: Uint8Array): void {
    this.#records.put(path, NUL, packedHeader);
    this.#plainBytes = this.#records.size;
  }

  /** Adds a name of an entry of a layer; those of one entry follow each other. */
  addInPlace(entry: number, path: Uint8Array): void {
    this.#view.setUint32(0, entry);
    this.#records.put(this.#number, path);
  }

  /** The names without content in the order in which they were added. */
  *plain(): Generator<[path: string, header: TarHeader]> {
    for (const record of this.#records.between(0, this.#plainBytes)) {
      const end = record.indexOf(0);
      yield [decodeName(record.subarray(0, end)), unpackHeader(record.subarray(end + 1))];
    }
  }

  /** All other names in the order in which they were added. */
  *inPlace(): Generator<NameInPlace> {
    for (const record of this.#records.between(this.#plainBytes, this.#records.size)) {
      const entry = new DataView(record.buffer, record.byteOffset).getUint32(0);
      yield { entry, path: decodeName(record.subarray(4)) };
    }
  }
}
