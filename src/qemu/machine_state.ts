// Saves and restores the state of a machine without its memory, which is in a file that QEMU skips.

import { STATE_FDSET, type StateFds } from "./argv.ts";
import type { Monitor } from "./monitor.ts";

// qapi/migration.json: memory that is shared with a file is left out of the state.
const IGNORE_SHARED = "x-ignore-shared";

const POLL_MS = 2;

/**
 * Writes the state to a new file and leaves the machine stopped.
 *
 * @param socket a listening socket that QEMU can connect to; stays the caller's
 * @throws {Error} if it fails.
 */
export async function saveState(
  monitor: Monitor,
  { file, socket }: { readonly file: string; readonly socket: Deno.UnixListener },
): Promise<void> {
  const { path } = socket.addr as Deno.UnixAddr;
  const receiving = receive(socket, file);
  receiving.catch(() => {}); // QEMU may report why first
  const prepared = ignoreShared(monitor);
  await Promise.all([prepared, monitor.execute("migrate", { uri: `unix:${path}` })]);
  while (true) {
    const { status, "error-desc": fact } = await monitor.execute("query-migrate") as MigrationInfo;
    if (status === "completed") return await receiving;
    if (status === "failed" || status === "cancelled") {
      throw new Error(fact ?? `QEMU reports ${status}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function receive(socket: Deno.UnixListener, file: string): Promise<void> {
  const conn = await socket.accept();
  const created = await Deno.open(file, { createNew: true, write: true, mode: 0o600 });
  await conn.readable.pipeTo(created.writable);
}

/**
 * Loads the state from a file that QEMU has open and lets the machine run.
 *
 * QEMU 8.2 and newer have the transport `file:`; from 11 on, `fd:` refuses a regular file. A QEMU
 * refuses an unknown transport with a specific error, after which another one can be tried.
 *
 * @throws {Error} if QEMU refuses it.
 */
export async function restoreState(monitor: Monitor, { plain }: StateFds): Promise<void> {
  const restore = (uri: string) => monitor.execute("migrate-incoming", { uri });
  const prepared = ignoreShared(monitor);
  const restored = restore(`file:/dev/fdset/${STATE_FDSET}`).catch((error: Error) => {
    if (!NO_SUCH_TRANSPORT.test(error.message)) throw error;
    return restore(`fd:${plain}`);
  });
  await Promise.all([prepared, restored]);
}

/** migration/migration.c: the error of all versions for an unknown transport. */
const NO_SUCH_TRANSPORT = /^unknown migration protocol/;

/** qapi/migration.json */
interface MigrationInfo {
  readonly status?: string;
  readonly "error-desc"?: string;
}

function ignoreShared(monitor: Monitor): Promise<unknown> {
  const capabilities = [{ capability: IGNORE_SHARED, state: true }];
  return monitor.execute("migrate-set-capabilities", { capabilities });
}
