// The file sink: writes a temporary file next to the target, then renames it over the target.

import { whereFull } from "../host/fault.ts";
import { killWithUs } from "../host/watchdog.ts";
import { type Fd, openForWriting } from "../libc/fd.ts";
import { findLibc } from "../libc/libc.ts";
import { openFifo } from "./fifo.ts";
import type { OpenSink } from "./sink.ts";
import { reason } from "./source.ts";

/** Opens a file sink. @throws {Error} if the target is a folder or cannot be written. */
export async function openFileSink(name: string): Promise<OpenSink> {
  try {
    if (name === "") throw new Error("it has no name");
    const present = await Deno.stat(name).catch(unlessNotFound);
    if (present === undefined) await requireParent(name);
    if (present?.isDirectory === true) throw new Error("it is a folder");
    // Devices and named pipes have no content to keep, and must not be replaced.
    if (present?.isFifo === true) return fifoWriter(name);
    if (present !== undefined && !present.isFile) return writerOf(name);
    if (present !== undefined) (await Deno.open(name, { write: true })).close();
    // A symlink stays: its target is replaced.
    return openAside(present === undefined ? name : await Deno.realPath(name), present);
  } catch (error) {
    throw new Error(`cannot write ${JSON.stringify(name)}: ${reason(error)}`, { cause: error });
  }
}

/** @throws {Error} if the folder is missing, because the error of the file would not say so. */
async function requireParent(name: string): Promise<void> {
  const folder = name.slice(0, name.lastIndexOf("/") + 1) || ".";
  await Deno.stat(folder).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) return; // writing reports the reason
    throw new Error(`there is no folder ${JSON.stringify(folder)}`);
  });
}

function unlessNotFound(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

function openAside(target: string, present: Deno.FileInfo | undefined): OpenSink {
  const aside = asideName(target);
  const cleanup = killWithUs({ path: aside });
  try {
    Deno.writeFileSync(aside, new Uint8Array(), { createNew: true });
  } catch (error) {
    cleanup[Symbol.dispose]();
    throw error;
  }
  const drop = async () => {
    await Deno.remove(aside).catch(() => {});
    cleanup[Symbol.dispose]();
  };
  return {
    ...writerOf(aside, target),
    async commit() {
      const mode = present?.mode ?? undefined;
      try {
        if (mode !== undefined) await Deno.chmod(aside, mode & 0o7777);
        await Deno.rename(aside, target);
        cleanup[Symbol.dispose]();
      } catch (error) {
        await drop();
        throw error;
      }
    },
    abort: drop,
  };
}

/**
 * Writes to the existing file at `path`, by a command or from a stream.
 *
 * @param shown the path in errors
 */
function writerOf(path: string, shown = path): OpenSink {
  let probe: Fd | undefined;
  const takeEnd = () => {
    const fd = openForWriting(path);
    probe = fd.duplicate(); // shares the file position with the writer
    return fd;
  };
  return {
    ...(findLibc() !== undefined && { takeEnd }),
    async consume(readable, signal) {
      const file = await Deno.open(path, { write: true });
      await readable.pipeTo(file.writable, { signal }).catch((error) => {
        throw whereFull(error, JSON.stringify(shown));
      });
    },
    bytes: () => probe?.position(),
    [Symbol.dispose]: () => probe?.close(),
    async commit() {},
    async abort() {},
  };
}

/** Writes to a named pipe once it has a reader. */
function fifoWriter(path: string): OpenSink {
  return {
    async consume(readable, signal) {
      const file = await openFifo(path, { write: true }, signal).catch(async (error) => {
        await readable.cancel(error);
        throw error;
      });
      const { promise: aborted, reject } = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => reject(signal.reason));
      // A write that waits for the reader cannot be ended, and is left.
      await Promise.race([readable.pipeTo(file.writable, { signal }), aborted]);
    },
    async commit() {},
    async abort() {},
    [Symbol.dispose]() {},
  };
}

function asideName(target: string): string {
  const slash = target.lastIndexOf("/") + 1;
  const id = crypto.randomUUID().slice(0, 8);
  return `${target.slice(0, slash)}.${target.slice(slash)}.execvm-${id}`;
}
