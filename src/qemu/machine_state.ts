// Saving and restoring all of a machine but its memory, which is in a file that QEMU is told to leave alone.

import type { Monitor } from "./monitor.ts";

// qapi/migration.json: memory that is shared with a file is not part of the state.
const IGNORE_SHARED = "x-ignore-shared";

const POLL_MS = 2;

/**
 * Writes the state to a new file and leaves the machine stopped.
 *
 * @param socket a path where QEMU can connect to
 * @throws {Error} if it fails.
 */
export async function saveState(
  monitor: Monitor,
  { file, socket }: { readonly file: string; readonly socket: Deno.UnixListener },
): Promise<void> {
  const { path } = socket.addr as Deno.UnixAddr;
  const receiving = receive(socket, file);
  receiving.catch(() => {}); // QEMU may have said why
  const prepared = ignoreShared(monitor);
  await Promise.all([prepared, monitor.execute("migrate", { uri: `unix:${path}` })]);
  while (true) {
    const { status, "error-desc": fact } = await monitor.execute("query-migrate") as MigrationInfo;
    if (status === "completed") return await receiving;
    if (status === "failed" || status === "cancelled") {
      throw new Error(fact ?? `QEMU says ${status}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function receive(socket: Deno.UnixListener, file: string): Promise<void> {
  const conn = await socket.accept();
  const created = await Deno.open(file, { createNew: true, write: true, mode: 0o600 });
  await conn.readable.pipeTo(created.writable);
}

/** Reads the state from a descriptor of QEMU's; then the machine goes on. @throws {Error} if it is refused. */
export async function restoreState(monitor: Monitor, fd: number): Promise<void> {
  const prepared = ignoreShared(monitor);
  await Promise.all([prepared, monitor.execute("migrate-incoming", { uri: `fd:${fd}` })]);
}

/** qapi/migration.json */
interface MigrationInfo {
  readonly status?: string;
  readonly "error-desc"?: string;
}

function ignoreShared(monitor: Monitor): Promise<unknown> {
  const capabilities = [{ capability: IGNORE_SHARED, state: true }];
  return monitor.execute("migrate-set-capabilities", { capabilities });
}
