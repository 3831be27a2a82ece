// A client of QEMU's monitor, QMP (docs/interop/qmp-spec.txt): each line of JSON is answered by a
// line.

import { writeAll } from "./port_sockets.ts";

const READ_BYTES = 16 << 10;

/** An answer or an event; not checked, as QEMU, unlike its guest, is trusted. */
interface Line {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
  readonly event?: string;
}

interface Asked {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Sends commands to QEMU, which executes them in order; there is no need to await one before the
 * next.
 */
export class Monitor {
  readonly #conn: Deno.UnixConn;
  readonly #asked: Asked[] = [];
  #sent: Promise<unknown> = Promise.resolve();

  /** @param conn stays the caller's */
  constructor(conn: Deno.UnixConn) {
    this.#conn = conn;
    void this.#listen();
    this.execute("qmp_capabilities").catch(() => {});
  }

  /** Executes a command and returns its result. @throws {Error} if QEMU refuses it or has ended. */
  execute(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#asked.push({ resolve, reject });
    const line = new TextEncoder().encode(
      `${JSON.stringify({ execute: command, arguments: args })}\n`,
    );
    this.#sent = this.#sent.then(() => writeAll(this.#conn, line)).catch(reject);
    return promise;
  }

  async #listen(): Promise<void> {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(READ_BYTES);
    let rest = "";
    while (true) {
      const count = await this.#conn.read(buffer).catch(() => null);
      if (count === null) break;
      const lines = (rest + decoder.decode(buffer.subarray(0, count), { stream: true })).split(
        "\n",
      );
      rest = lines.pop()!;
      for (const line of lines) this.#take(JSON.parse(line));
    }
    for (const { reject } of this.#asked) reject(new Error("QEMU has ended"));
  }

  #take(line: Line): void {
    if (line.error === undefined && !("return" in line)) return; // a greeting or an event
    const { resolve, reject } = this.#asked.shift()!;
    if (line.error === undefined) resolve(line.return);
    else reject(new Error(line.error.desc));
  }
}
