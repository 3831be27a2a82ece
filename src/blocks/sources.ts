// The sources that a pipeline starts with. `file` and `stream` are sinks as well.

import type { SinkNode, SourceNode, TarNode } from "../model/nodes.ts";
import { requireCount } from "../model/require_count.ts";
import { Pipeline, type Sink } from "./pipeline.ts";

/**
 * A pipeline that so far consists of a source alone.
 *
 * @example
 * ```ts
 * import { cmd, type Source, text } from "@execvm/execvm";
 *
 * const words: Source = text("b\na\n");
 * await words.pipe(cmd("sort")).lines(); // ["a", "b"]
 * ```
 */
export class Source extends Pipeline<"closed", "open"> {
  /** Called by `text`, `bytes`, `tar`, `stdin`, `stream` and `empty`. */
  constructor(source: SourceNode) {
    super({ source, stages: [] }, "closed", "open");
    if (new.target === Source) Object.freeze(this);
  }
}

/**
 * A file on this machine: a source with `.pipe()`, a sink as the argument of `.to()`.
 *
 * @example
 * ```ts
 * import { cmd, file, type FileBlock } from "@execvm/execvm";
 *
 * const sorted: FileBlock = file(Deno.makeTempFileSync());
 * await file("README.md").pipe(cmd("sort")).to(sorted).run();
 * await sorted.pipe(cmd("uniq", "-c")).run();
 * ```
 */
export class FileBlock extends Source implements Sink {
  /** The file as a sink. */
  readonly sink: SinkNode;

  /** Called by `file`. */
  constructor(name: string) {
    super({ type: "file", name });
    this.sink = Object.freeze({ type: "file", name });
    Object.freeze(this);
  }
}

/**
 * Returns a block that is a file on this machine. As a source the file is read. As a sink it is
 * written to a temporary file, which replaces the old one once the whole pipeline has succeeded;
 * devices and named pipes are written directly.
 *
 * @param name path, relative to the current directory
 * @throws {TypeError} if it is empty, contains NUL, or is not a well-formed string.
 *
 * @example
 * ```ts
 * import { cmd, file } from "@execvm/execvm";
 *
 * const copy = Deno.makeTempFileSync();
 * await file("README.md").pipe(cmd("sort")).to(file(copy)).run();
 * ```
 */
export function file(name: string): FileBlock {
  return new FileBlock(requirePath(name, "file"));
}

/**
 * Returns a source that gives a string as UTF-8.
 *
 * @param value kept as it is; no newline is added
 * @throws {TypeError} if it is not a string.
 *
 * @example
 * ```ts
 * import { cmd, text } from "@execvm/execvm";
 *
 * await text("hello\n").pipe(cmd("wc", "-c")).text(); // "6"
 * ```
 */
export function text(value: string): Source {
  if (typeof value !== "string") throw new TypeError("cannot use text(): it takes a string");
  return new Source({ type: "text", text: value });
}

/**
 * Returns a source that gives bytes.
 *
 * @param value is copied
 * @throws {TypeError} if it is not a `Uint8Array`.
 *
 * @example
 * ```ts
 * import { bytes, cmd } from "@execvm/execvm";
 *
 * await bytes(new Uint8Array([104, 105])).pipe(cmd("cat")).text(); // "hi"
 * ```
 */
export function bytes(value: Uint8Array): Source {
  if (!(value instanceof Uint8Array)) {
    throw new TypeError("cannot use bytes(): it takes a Uint8Array");
  }
  return new Source({ type: "bytes", bytes: new Uint8Array(value) });
}

/** How a tar archive is made. */
export interface TarOptions {
  /** Compresses the archive. @default no compression */
  readonly compress?: "gzip";
  /** The folder that relative names start from, as in `tar -C`. @default the current directory */
  readonly directory?: string;
  /**
   * The mtime of all entries, in whole seconds since 1970, so that equal files give equal bytes.
   *
   * @default that of each file
   */
  readonly mtime?: number;
  /** The owner of all entries, so that equal files give equal bytes. @default that of each file */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * Returns a source that gives a tar archive of files and folders on this machine, folders with all
 * their contents. The archive is made in this process while it is read, without a `tar` program.
 * Names are stored as given, without a leading `/` or `../`.
 *
 * @param args one or more paths, optionally followed by {@linkcode TarOptions}
 * @throws {TypeError} if there is no path, or one is empty, contains NUL, or is not a well-formed
 * string.
 * @throws {RangeError} if `mtime` or an id of `owner` is not a whole number from 0.
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
  if (files.length === 0) throw new TypeError("cannot make a tar: no file is named");
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

/**
 * Returns a source that is the stdin of this process. A first command inherits the descriptor
 * itself.
 *
 * @example
 * ```ts
 * import { cmd, stdin } from "@execvm/execvm";
 *
 * async function example(): Promise<void> {
 *   await stdin().pipe(cmd("wc", "-l")).run();
 * }
 * ```
 */
export function stdin(): Source {
  return new Source({ type: "stdin" });
}

/**
 * Returns a source without any bytes.
 *
 * @example
 * ```ts
 * import { cmd, empty } from "@execvm/execvm";
 *
 * await empty().pipe(cmd("wc", "-c")).text(); // "0"
 * ```
 */
export function empty(): Source {
  return new Source({ type: "empty" });
}

/** A sink that writes to a stream. */
export interface StreamSink extends Sink {
  /** The sink as data. */
  readonly sink: SinkNode;
}

/**
 * Returns a source that reads a stream. The run owns the stream: it is read once, and cancelled
 * when the pipeline needs no more of it. Such a pipeline can run once and has no JSON form.
 *
 * @param readable arbitrary chunks; their boundaries mean nothing
 * @throws {TypeError} if it is not a stream.
 *
 * @example
 * ```ts
 * import { cmd, stream } from "@execvm/execvm";
 *
 * const readable = new Blob(["hello\n"]).stream();
 * await stream(readable).pipe(cmd("wc", "-c")).text(); // "6"
 * ```
 */
export function stream(readable: ReadableStream<Uint8Array>): Source;
/**
 * Returns a sink that writes to a stream. The run owns the stream: it is closed at the end, or
 * aborted if the pipeline fails. Such a pipeline can run once and has no JSON form.
 *
 * @param writable receives arbitrary chunks; their boundaries mean nothing
 * @throws {TypeError} if it is not a stream.
 *
 * @example
 * ```ts
 * import { cmd, stream } from "@execvm/execvm";
 *
 * const writable = new WritableStream<Uint8Array>({ write: (chunk) => console.log(chunk.length) });
 * await cmd("echo", "hello").to(stream(writable)).run();
 * ```
 */
export function stream(writable: WritableStream<Uint8Array>): StreamSink;
export function stream(
  value: ReadableStream<Uint8Array> | WritableStream<Uint8Array>,
): Source | StreamSink {
  if (value instanceof ReadableStream) return new Source({ type: "stream", readable: value });
  if (value instanceof WritableStream) {
    return Object.freeze({ sink: Object.freeze({ type: "stream", writable: value }) });
  }
  throw new TypeError("cannot use stream(): it takes a ReadableStream or a WritableStream");
}

function requireWhole(value: number | undefined, name: string): number {
  requireCount("make a tar", { [name]: value ?? NaN }, { least: 0 });
  return value!;
}

/**
 * Returns `name` if it can be a path.
 *
 * @throws {TypeError} if it cannot.
 * @param block the caller's name
 */
export function requirePath(name: unknown, block: string): string {
  if (typeof name !== "string" || name === "" || name.includes("\0") || !name.isWellFormed()) {
    throw new TypeError(
      `cannot use ${block}(${JSON.stringify(name)}): a path is a string of at least one ` +
        "character, of UTF-8 and without NUL",
    );
  }
  return name;
}
