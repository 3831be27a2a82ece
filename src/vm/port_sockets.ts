// The host's ends of the ports of a guest: sockets that QEMU connects to when it starts.

import type { QemuUser } from "./privileges.ts";
import { PORTS } from "./protocol.ts";

/** The connections to the ports of a guest. */
export type Connections = Readonly<Record<keyof typeof PORTS, Deno.UnixConn>>;

/** Listens for one connection to each port. Disposing it stops that, and closes what nobody took. */
export class PortSockets implements Disposable {
  readonly #listeners: Deno.UnixListener[] = [];
  #accepted: Promise<Deno.UnixConn>[] = [];

  /** @throws {Deno.errors} if it cannot listen, as when the path is longer than 108 bytes. */
  constructor(folder: string, user: QemuUser | undefined) {
    try {
      for (const id of Object.keys(PORTS)) {
        const path = `${folder}/${id}`;
        this.#listeners.push(Deno.listen({ transport: "unix", path }));
        if (user !== undefined) Deno.chownSync(path, user.uid, user.gid);
      }
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Waits until each port is connected. The connections are the caller's. */
  async connected(): Promise<Connections> {
    this.#accepted = this.#listeners.map((listener) => listener.accept());
    for (const accepted of this.#accepted) accepted.catch(() => {}); // it fails when we stop
    const conns = await Promise.all(this.#accepted);
    this.#accepted = [];
    const entries = Object.keys(PORTS).map((id, index) => [id, conns[index]]);
    return Object.fromEntries(entries);
  }

  [Symbol.dispose](): void {
    for (const listener of this.#listeners) listener.close();
    for (const accepted of this.#accepted) accepted.then((conn) => conn.close(), () => {});
  }
}
