// Sources: what a pipeline starts with. `file` and `stream` are sinks as well.

import type { SinkNode, SourceNode, TarNode } from "../model/nodes.ts";
import { requireCount } from "../model/require_count.ts";
import { Pipeline, type Sink } from "./pipeline.ts";

/** A pipeline that is only a source so far. */
export class Source extends Pipeline<"closed", "open"> {
  /** Made by `text`, `bytes`, `tar`, `stdin`, `stream` and `empty`. */
  constructor(source: SourceNode) {
    super({ source, stages: [] }, "closed", "open");
    if (new.target === Source) Object.freeze(this);
  }
}

/** A file: a source when it is piped from, a sink in `.to()`. */
export class FileBlock extends Source implements Sink {
  /** What it is as a sink. */
  readonly sink: SinkNode;

  /** Made by `file`. */
  constructor(name: string) {
    super({ type: "file", name });
    this.sink = Object.freeze({ type: "file", name });
    Object.freeze(this);
  }
}

/**
 * A file of this machine, by path. As a source it is read. As a sink it is written aside and takes
 * the place of what was there once the whole pipeline has succeeded; devices and named pipes are
 * written directly.
 */
export function file(name: string): FileBlock {
  return new FileBlock(requirePath(name, "file"));
}

/** A string, as UTF-8. */
export function text(value: string): Source {
  if (typeof value !== "string") throw new TypeError("Cannot use text() as it wants a string");
  return new Source({ type: "text", text: value });
}

/** Bytes; they are copied. */
export function bytes(value: Uint8Array): Source {
  if (!(value instanceof Uint8Array)) {
    throw new TypeError("Cannot use bytes() as it wants a Uint8Array");
  }
  return new Source({ type: "bytes", bytes: new Uint8Array(value) });
}

/** What is the same for all files of an archive. */
export interface TarOptions {
  /** Compress the archive. */
  readonly compress?: "gzip";
  /** The folder that relative names start from, as in `tar -C`. @default the current one */
  readonly directory?: string;
  /** The mtime of all entries, in seconds since 1970: so the same files give the same bytes. */
  readonly mtime?: number;
  /** The owner of all entries, for the same end. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * A tar archive of files and folders of this machine, folders with all they hold. It is made in this
 * process while it is read, so it works on any computer and needs no `tar`. Names stay as given, but
 * for a leading `/` or `../`.
 *
 * @example
 * ```ts
 * import { cmd, tar } from "@execvm/execvm";
 *
 * await tar("mod.ts", "src", { compress: "gzip" }).pipe(cmd("tar", "-tzf", "-")).run();
 * ```
 */
export function tar(...args: [string, ...string[], TarOptions] | [string, ...string[]]): Source {
  const last: unknown = args.at(-1);
  const options: TarOptions = typeof last === "object" && last !== null ? last : {};
  const files = (last === options ? args.slice(0, -1) : args) as string[];
  if (files.length === 0) throw new TypeError("Cannot make a tar as no file is named");
  const node: TarNode = {
    type: "tar",
    files: files.map((name) => requirePath(name, "tar")),
    ...(options.compress !== undefined && { compression: options.compress }),
    ...(options.directory !== undefined && { directory: options.directory }),
    ...(options.mtime !== undefined && { mtime: requireWhole(options.mtime, "mtime") }),
    ...(options.owner !== undefined && {
      owner: {
        uid: requireWhole(options.owner.uid, "owner.uid"),
        gid: requireWhole(options.owner.gid, "owner.gid"),
      },
    }),
  };
  return new Source(node);
}

/** Our own stdin; a command gets the very descriptor. */
export function stdin(): Source {
  return new Source({ type: "stdin" });
}

/** No bytes at all. */
export function empty(): Source {
  return new Source({ type: "empty" });
}

/** A sink that is a stream. */
export interface StreamSink extends Sink {
  /** What it is made of. */
  readonly sink: SinkNode;
}

/**
 * A stream of bytes, chunked anyhow. A readable one is a source and is cancelled when nobody wants
 * more; a writable one is a sink and is closed at the end, or aborted when the pipeline fails. The
 * stream can be used once and has no JSON form.
 */
export function stream(readable: ReadableStream<Uint8Array>): Source;
/** A sink out of a writable stream. */
export function stream(writable: WritableStream<Uint8Array>): StreamSink;
export function stream(
  value: ReadableStream<Uint8Array> | WritableStream<Uint8Array>,
): Source | StreamSink {
  if (value instanceof ReadableStream) return new Source({ type: "stream", readable: value });
  if (value instanceof WritableStream) {
    return Object.freeze({ sink: Object.freeze({ type: "stream", writable: value }) });
  }
  throw new TypeError("Cannot use stream() as it wants a ReadableStream or a WritableStream");
}

function requireWhole(value: number | undefined, name: string): number {
  requireCount("make a tar", { [name]: value ?? NaN }, { least: 0 });
  return value!;
}

/** @throws {TypeError} if `name` is no usable path. */
export function requirePath(name: unknown, block: string): string {
  if (typeof name !== "string" || name === "" || name.includes("\0") || !name.isWellFormed()) {
    throw new TypeError(
      `Cannot use ${block}(${JSON.stringify(name)}) as a path is a string of at least one ` +
        "character, of UTF-8 and without NUL",
    );
  }
  return name;
}
