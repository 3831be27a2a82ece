// Web streams over pipe ends that this process holds, with chunks of up to 1 MiB and back-pressure.

import { errnoOf, SystemError } from "./errno.ts";
import { type Fd, PIPE_BYTES } from "./fd.ts";
import { errno, libc } from "./libc.ts";
import { POLLIN, POLLOUT, waitFor } from "./reactor.ts";

const EAGAIN = errnoOf("EAGAIN");
const EINTR = errnoOf("EINTR");
const EIO = errnoOf("EIO");
const EPIPE = errnoOf("EPIPE");
const FIRST_READ_BYTES = 64 << 10;

/**
 * Returns the bytes read from `fd` as a stream, in chunks of at most 1 MiB whose boundaries mean
 * nothing. The stream owns the descriptor and closes it at the end and when cancelled.
 */
export function readableFrom(fd: Fd): ReadableStream<Uint8Array<ArrayBuffer>> {
  fd.setNonblocking();
  let size = FIRST_READ_BYTES;
  return new ReadableStream({
    async pull(controller) {
      const chunk = await readChunk(fd, size);
      if (chunk === undefined) {
        fd.close();
        return controller.close();
      }
      if (chunk.length === size && size < PIPE_BYTES) size *= 4;
      controller.enqueue(chunk);
    },
    cancel() {
      fd.close();
    },
  }, { highWaterMark: 0 });
}

/**
 * As {@linkcode readableFrom}, but the stream ends once `ended` resolves and the pipe is empty: a
 * process left behind may hold the pipe open for much longer.
 */
export function readableUntil(
  fd: Fd,
  ended: Promise<void>,
  chunkBytes: number = FIRST_READ_BYTES / 8,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  fd.setNonblocking();
  let over = false;
  let wake = () => {};
  ended.then(() => (over = true, wake()));
  const buffer = new Uint8Array(chunkBytes);
  return new ReadableStream({
    async pull(controller) {
      let count = fd.isOpen ? readNow(fd, buffer) : 0;
      while (count < 0 && !over) {
        using waiter = waitFor(fd, POLLIN);
        await new Promise<void>((resolve) => {
          wake = resolve;
          waiter.ready.then(resolve);
        });
        count = fd.isOpen ? readNow(fd, buffer) : 0;
      }
      if (count > 0) return controller.enqueue(buffer.slice(0, count));
      fd.close();
      controller.close();
    },
    cancel() {
      fd.close();
    },
  }, { highWaterMark: 0 });
}

/** Waits for the next bytes, at most `size`; `undefined` at the end or once `fd` is closed. */
export async function readChunk(
  fd: Fd,
  size: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const buffer = new Uint8Array(size);
  while (fd.isOpen) {
    const count = readNow(fd, buffer);
    if (count > 0) return count < size / 4 ? buffer.slice(0, count) : buffer.subarray(0, count);
    if (count === 0) return undefined;
    using waiter = waitFor(fd, POLLIN);
    await waiter.ready;
  }
  return undefined;
}

/** Reads without waiting. Returns the count, 0 at the end, -1 if there is nothing yet. */
export function readNow(fd: Fd, buffer: Uint8Array<ArrayBuffer>): number {
  const count = Number(libc().read(fd.number, buffer, BigInt(buffer.length)));
  if (count >= 0) return count;
  const number = errno();
  if (number === EAGAIN || number === EINTR) return -1;
  // Reading the master of a terminal fails with EIO once no process has the terminal open.
  if (number === EIO) return 0;
  throw new SystemError(number, "read from a pipe");
}

/**
 * Writes all of `chunk`, waiting for room. Returns `false` as soon as the pipe has no reader left.
 *
 * @throws {SystemError} if it cannot be written for another reason.
 */
export async function writeChunk(fd: Fd, chunk: Uint8Array): Promise<boolean> {
  let rest = chunk as Uint8Array<ArrayBuffer>; // the type FFI requires; shared memory works too
  while (rest.length > 0) {
    const count = fd.isOpen ? writeNow(fd, rest) : undefined;
    if (count === undefined) return false;
    rest = rest.subarray(count);
    if (count > 0) continue;
    using waiter = waitFor(fd, POLLOUT);
    await waiter.ready;
  }
  return true;
}

/**
 * Writes as much as there is room for. Returns the count; `undefined` if the pipe has no reader
 * left.
 *
 * @throws {SystemError} if it cannot be written for another reason.
 */
export function writeNow(fd: Fd, bytes: Uint8Array<ArrayBuffer>): number | undefined {
  const count = Number(libc().write(fd.number, bytes, BigInt(bytes.length)));
  if (count >= 0) return count;
  const number = errno();
  if (number === EPIPE) return undefined;
  if (number !== EAGAIN && number !== EINTR) throw new SystemError(number, "write to a pipe");
  return 0;
}

/**
 * Waits for the next bytes of a descriptor that is shared and therefore blocking: polls first, then
 * reads. Returns `undefined` at the end, and if `fd` is closed in the meantime.
 */
export async function readWaiting(fd: Fd): Promise<Uint8Array<ArrayBuffer> | undefined> {
  while (fd.isOpen) {
    using waiter = waitFor(fd, POLLIN);
    await waiter.ready;
    if (!fd.isOpen) return undefined;
    const buffer = new Uint8Array(FIRST_READ_BYTES);
    const count = readNow(fd, buffer);
    if (count >= 0) return count === 0 ? undefined : buffer.subarray(0, count);
  }
  return undefined;
}
