// Opens the edges that connect stages: kernel pipes or files where FFI allows, else streams.

import { Fd, openForReading, openForWriting, openPipe } from "../libc/fd.ts";
import { readableFrom, readableUntil, readWaiting, writeChunk } from "../libc/fd_streams.ts";
import { findLibc } from "../libc/libc.ts";
import { waitFor } from "../libc/reactor.ts";
import type { InputEnd, OutputEnd } from "./ends.ts";

type Bytes = Uint8Array;

/**
 * Without FFI an empty pipe cannot be detected; this many milliseconds without bytes count as
 * empty.
 */
const QUIET_MS = 100;

/** An edge between two stages: what one writes to `write`, the other reads from `read`. */
export interface Pipe {
  readonly write: OutputEnd;
  readonly read: InputEnd;
}

/** Opens an edge. The caller owns both ends until it passes them on. */
export function openEdge(): Pipe {
  if (findLibc() !== undefined) return openPipe();
  const { readable, writable } = new TransformStream<Bytes, Bytes>();
  return { write: writable, read: readable };
}

/** Returns an input without any bytes. */
export function nullInput(): InputEnd {
  if (findLibc() !== undefined) return openForReading("/dev/null");
  return new ReadableStream({ start: (controller) => controller.close() });
}

/** Returns an output that discards all bytes. */
export function nullOutput(): OutputEnd {
  return findLibc() === undefined ? new WritableStream() : openForWriting("/dev/null");
}

/** Returns a stream that reads an end and owns it. It does not close the stdin of this process. */
export function toReadable(end: InputEnd): ReadableStream<Bytes> {
  if (end === "inherit") return ownStdin();
  return end instanceof Fd ? readableFrom(end) : end;
}

/**
 * As {@linkcode toReadable}, but the stream ends once `ended` resolves and all bytes written by
 * then are read, because a background process may keep the other side open forever.
 */
export function readUntil(end: InputEnd, ended: Promise<void>): ReadableStream<Bytes> {
  if (end instanceof Fd) return readableUntil(end, ended);
  const reader = toReadable(end).getReader();
  let state: "reading" | "ending" | "done" = "reading";
  let quiet: ReturnType<typeof setTimeout> | undefined;
  const cancelWhenQuiet = () => {
    clearTimeout(quiet);
    if (state === "ending") quiet = setTimeout(() => void reader.cancel(), QUIET_MS);
  };
  ended.then(() => {
    if (state === "reading") state = "ending";
    cancelWhenQuiet();
  });
  return new ReadableStream({
    async pull(controller) {
      cancelWhenQuiet();
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(value);
      state = "done";
      clearTimeout(quiet);
      controller.close();
    },
    cancel(reason) {
      state = "done";
      clearTimeout(quiet);
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

/** An end that is fed from a stream, and the copying into it. */
export interface Fed {
  readonly end: InputEnd;
  /** Resolves when all is copied, or the reader is gone; the source is then cancelled. */
  readonly copied: Promise<void>;
}

/** Makes an end for a command from a stream, which is cancelled when `signal` is aborted. */
export function feedFrom(readable: ReadableStream<Bytes>, signal: AbortSignal): Fed {
  if (findLibc() === undefined) return { end: readable, copied: Promise.resolve() };
  const { read, write } = openPipe();
  return { end: read, copied: pump(readable, write, signal) };
}

/** Closes an end without writing to it. */
export async function closeOutput(end: OutputEnd): Promise<void> {
  if (end instanceof Fd) end.close();
  else if (end !== "inherit") await end.close();
}

/** Writes from JS to an end, which it owns. */
export interface EndWriter {
  /** Writes all of a chunk. Resolves to `false` if the reader is gone. */
  write(chunk: Uint8Array): Promise<boolean>;
  /** Resolves when the reader is gone or the writer is closed. */
  readonly gone: Promise<void>;
  /** Closes the end, except the stdout and stderr of this process. */
  close(): Promise<void>;
}

/** Returns a writer for an end. @param ours the stream that `"inherit"` stands for */
export function toWriter(end: OutputEnd, ours: typeof Deno.stdout | typeof Deno.stderr): EndWriter {
  if (end === "inherit" || end instanceof Fd && isStandard(end)) return ownWriter(ours);
  if (end instanceof Fd) return fdWriter(end);
  const writer = end.getWriter();
  return {
    write: (chunk) => writer.write(chunk).then(() => true, () => false),
    gone: writer.closed.then(() => {}, () => {}),
    close: () => writer.close().catch(() => {}),
  };
}

function isStandard(fd: Fd): boolean {
  return fd.number <= 2;
}

function ownWriter(stream: typeof Deno.stdout): EndWriter {
  return {
    async write(chunk) {
      try {
        for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await stream.write(rest));
        return true;
      } catch (error) {
        if (error instanceof Deno.errors.BrokenPipe) return false;
        throw error;
      }
    },
    gone: new Promise(() => {}),
    close: async () => {},
  };
}

function fdWriter(fd: Fd): EndWriter {
  fd.setNonblocking();
  const gone = waitFor(fd, 0);
  return {
    write: (chunk) => writeChunk(fd, chunk),
    gone: gone.ready,
    async close() {
      gone[Symbol.dispose]();
      fd.close();
      await undefined;
    },
  };
}

/** Reads an end until EOF and discards the bytes. */
export async function readAll(end: InputEnd): Promise<void> {
  for await (const _chunk of toReadable(end));
}

/** Closes an end that was not passed to a command. */
export async function abandon(end: InputEnd | OutputEnd): Promise<void> {
  if (end === "inherit") return;
  if (end instanceof Fd) return end.close();
  await (end instanceof ReadableStream ? end.cancel() : end.close()).catch(() => {});
}

/** Copies a stream into a pipe until either side ends. */
async function pump(readable: ReadableStream<Bytes>, fd: Fd, signal: AbortSignal): Promise<void> {
  using output = fd;
  output.setNonblocking();
  const reader = readable.getReader();
  // Cancelling makes a waiting read return at once, whatever the source takes to clean up.
  const giveUp = () => void reader.cancel().catch(() => {});
  using readersGone = waitFor(output, 0);
  readersGone.ready.then(giveUp);
  signal.addEventListener("abort", giveUp, { once: true });
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    if (!await writeChunk(output, value)) return giveUp();
  }
}

function ownStdin(): ReadableStream<Bytes> {
  if (findLibc() === undefined) return withoutClosing(Deno.stdin.readable);
  const stdin = Fd.borrow(0);
  return new ReadableStream({
    async pull(controller) {
      const chunk = await readWaiting(stdin);
      return chunk === undefined ? controller.close() : controller.enqueue(chunk);
    },
    cancel: () => stdin.close(),
  }, { highWaterMark: 0 });
}

function withoutClosing(readable: ReadableStream<Bytes>): ReadableStream<Bytes> {
  const reader = readable.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      return done ? controller.close() : controller.enqueue(value);
    },
    cancel: () => reader.releaseLock(),
  }, { highWaterMark: 0 });
}
