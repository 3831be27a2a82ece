// Opens sources, before anything starts, so that a missing file is reported first.

import { type Fd, openForReading } from "../libc/fd.ts";
import { findLibc } from "../libc/libc.ts";
import { EndpointError, messageOf } from "../model/errors.ts";
import type { PlainSourceNode, TarNode } from "../model/nodes.ts";
import { nullInput } from "./edges.ts";
import type { InputEnd } from "./ends.ts";
import { readFifo } from "./fifo.ts";
import { type OpenSource, reason } from "./source.ts";

/** Opens a source. @throws {EndpointError} if it does not exist or cannot be read. */
export async function openSource(node: PlainSourceNode): Promise<OpenSource> {
  try {
    return await open(node);
  } catch (error) {
    throw new EndpointError(messageOf(error), "source", error);
  }
}

async function open(node: PlainSourceNode): Promise<OpenSource> {
  switch (node.type) {
    case "file":
      return await openFile(node.name);
    case "text":
      return openChunk(new TextEncoder().encode(node.text));
    case "bytes":
      return openChunk(node.bytes);
    case "tar":
      return simple(await openTar(node));
    case "stdin":
      return simple("inherit");
    case "empty":
      return simple(nullInput());
    case "stream":
      return simple(node.readable as ReadableStream<Uint8Array>);
  }
}

function simple(end: InputEnd): OpenSource {
  return { end, bytes: () => undefined, [Symbol.dispose]() {} };
}

function openChunk(chunk: Uint8Array): OpenSource {
  if (chunk.length === 0) return simple(nullInput());
  return simple(ReadableStream.from([chunk]));
}

async function openFile(name: string): Promise<OpenSource> {
  const info = await Deno.stat(name).catch((error) => {
    throw new Error(`cannot read ${JSON.stringify(name)}: ${reason(error)}`);
  });
  if (info.isDirectory) throw new Error(`cannot read ${JSON.stringify(name)}: it is a folder`);
  if (info.isFifo === true) return simple(readFifo(name));
  if (findLibc() === undefined) return simple((await Deno.open(name)).readable);
  return watchPosition(openForReading(name));
}

/** Keeps a duplicate of the descriptor, which shares the file position with the reader. */
function watchPosition(fd: Fd): OpenSource {
  const probe = fd.duplicate();
  return { end: fd, bytes: () => probe.position(), [Symbol.dispose]: () => probe.close() };
}

async function openTar(node: TarNode): Promise<ReadableStream<Uint8Array>> {
  const { checkTarPaths, packTar } = await import("../archive/pack_tar.ts");
  const { files: _files, type: _type, compression: _compression, ...options } = node;
  await checkTarPaths(node.files, options);
  const packed = packTar(node.files, options);
  if (node.compression === undefined) return packed;
  const { gzipStream } = await import("../archive/gzip.ts");
  return packed.pipeThrough(gzipStream());
}
