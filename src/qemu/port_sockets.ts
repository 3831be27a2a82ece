// Listens for the connections that QEMU makes when it starts: the ports of the guest, and the
// monitor.

import { PORTS } from "../machine/protocol.ts";
import { MONITOR } from "./argv.ts";
import type { QemuUser } from "./privileges.ts";

/** The connections to the ports of a guest, and to the monitor if there is one. */
export type Connections =
  & Readonly<Record<keyof typeof PORTS, Deno.UnixConn>>
  & { readonly [MONITOR]?: Deno.UnixConn };

/**
 * Listens for one connection to each port. Disposing it stops that and closes connections that were
 * not handed over.
 */
export class PortSockets implements AsyncDisposable {
  readonly #ids: readonly string[];
  readonly #listeners: Deno.UnixListener[] = [];
  #accepted: Promise<Deno.UnixConn>[] = [];

  /**
   * @throws {Deno.errors} if it cannot listen, for example if the path is longer than 108 bytes.
   */
  constructor(
    folder: string,
    { user, hasMonitor }: { readonly user: QemuUser | undefined; readonly hasMonitor: boolean },
  ) {
    this.#ids = [...Object.keys(PORTS), ...(hasMonitor ? [MONITOR] : [])];
    try {
      for (const id of this.#ids) {
        this.#listeners.push(listenFor(`${folder}/${id}`, user));
      }
    } catch (error) {
      this.#stop();
      throw error;
    }
  }

  /**
   * Waits until all are connected. They are ours until they are {@linkcode handOver handed over}.
   */
  async connected(): Promise<Connections> {
    this.#accepted = this.#listeners.map((listener) => listener.accept());
    for (const accepted of this.#accepted) accepted.catch(() => {}); // it fails when we stop
    const conns = await Promise.all(this.#accepted);
    const entries = this.#ids.map((id, index) => [id, conns[index]]);
    return Object.fromEntries(entries);
  }

  /** Makes the connections the caller's to close. */
  handOver(): void {
    this.#accepted = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await Promise.all(this.#accepted.map((each) => each.then((conn) => conn.close(), () => {})));
  }

  #stop(): void {
    for (const listener of this.#listeners) listener.close();
  }
}

/**
 * Listens on a socket that a QEMU running as `user` can connect to.
 *
 * @throws {Deno.errors} if that fails.
 */
export function listenFor(path: string, user: QemuUser | undefined): Deno.UnixListener {
  const listener = Deno.listen({ transport: "unix", path });
  try {
    if (user !== undefined) Deno.chownSync(path, user.uid, user.gid);
    return listener;
  } catch (error) {
    listener.close();
    throw error;
  }
}

/** Writes all of `bytes`. */
export async function writeAll(conn: Deno.UnixConn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
}
