// Files of this machine that go into an image: their hashes, and a tar of them.

import { createHash } from "node:crypto";
import { pullStream } from "../archive/pull_stream.ts";
import type { DataPiece } from "../archive/read_tar.ts";
import type { TarHeader } from "../archive/tar_format.ts";
import { TarWriter } from "../archive/tar_writer.ts";
import { faultOf } from "../host/fault.ts";
import { requireGivenFile } from "../host/given_file.ts";
import { hashFile } from "../host/hash_file.ts";
import type { GivenFile } from "./prepare_options.ts";

/** Files by their paths in the guest. */
export type GivenFiles = Readonly<Record<string, GivenFile>>;

/** The mode of files that are given as bytes. */
const MODE = 0o644;

/**
 * Returns the hash of each file, to key a cache.
 *
 * @throws {Error} if one cannot be read or is not a regular file.
 */
export async function describeFiles(files: GivenFiles): Promise<readonly unknown[]> {
  const described = Object.entries(files).map(async ([path, file]) => {
    const { mode } = await inspect(file);
    const sha256 = typeof file === "string"
      ? await hashFile(file)
      : createHash("sha256").update(file).digest("hex");
    return [path, mode, sha256] as const;
  });
  return (await Promise.all(described)).sort(([a], [b]) => a < b ? -1 : 1);
}

/**
 * Returns a tar of the files, all owned by root and dated to the epoch; the stream fails if one
 * cannot be read.
 */
export function tarOfFiles(files: GivenFiles): ReadableStream<Uint8Array> {
  return pullStream(pack(files));
}

async function* pack(files: GivenFiles): AsyncGenerator<Uint8Array> {
  const writer = new TarWriter();
  for (const [path, file] of Object.entries(files)) {
    const { mode, size } = await inspect(file);
    const data = typeof file === "string" ? piecesOf(file) : bytesPiece(file);
    yield* writer.entry(header(path.slice(1), mode, size), data);
  }
  yield* writer.end();
}

async function inspect(file: GivenFile): Promise<{ mode: number; size: number }> {
  if (typeof file !== "string") return { mode: MODE, size: file.length };
  const refuse = (fact: string) =>
    new Error(`cannot put ${JSON.stringify(file)} into the image: ${fact}`);
  const info = await requireGivenFile(file).catch((error) => {
    throw refuse(error instanceof Deno.errors.NotFound ? "it does not exist" : faultOf(error));
  });
  return { mode: (info.mode ?? MODE) & 0o777, size: info.size };
}

async function* piecesOf(path: string): AsyncGenerator<DataPiece> {
  let offset = 0;
  for await (const bytes of (await Deno.open(path)).readable) {
    yield { offset, bytes };
    offset += bytes.length;
  }
}

async function* bytesPiece(bytes: Uint8Array): AsyncGenerator<DataPiece> {
  yield await Promise.resolve({ offset: 0, bytes });
}

function header(name: string, mode: number, size: number): TarHeader {
  const nobody = { linkName: "", uid: 0, gid: 0, mtime: 0, major: 0, minor: 0 };
  return { type: "file", name, mode, size, ...nobody };
}
