// Copies files into and out of a machine by the tar of its init, one at a time.

import { StderrTail } from "../host/stderr_tail.ts";
import { printableLine } from "../host/printable.ts";
import { writtenStream } from "../host/written_stream.ts";
import { type Attached, MISSING_CODE, type TarWork } from "../machine/protocol.ts";
import type { Output } from "./output_copy.ts";
import type { VirtualMachine } from "./virtual_machine.ts";

/** The files of a machine, between its commands. */
export class GuestFiles {
  readonly #machine: VirtualMachine;
  readonly #missing: () => Error;
  #attached: Attached | undefined;

  /**
   * @param attached what is attached, if the guest does not know yet
   * @param missing makes the error for a path where there is nothing
   */
  constructor(machine: VirtualMachine, attached: Attached | undefined, missing: () => Error) {
    this.#machine = machine;
    this.#attached = attached;
    this.#missing = missing;
  }

  /** Returns what is attached, if the guest does not know yet. */
  takeAttached(): Attached | undefined {
    const attached = this.#attached;
    this.#attached = undefined;
    return attached;
  }

  /**
   * Unpacks a tar below the root, as root.
   *
   * @param tar owned
   * @throws {Error} if that fails.
   */
  async unpack(tar: ReadableStream<Uint8Array>): Promise<void> {
    await this.#run({ unpack: "/" }, tar, { write: () => Promise.resolve(true), gone: NEVER });
  }

  /** Returns a tar of one file or folder; the stream fails if it cannot be packed. */
  pack(path: string): ReadableStream<Uint8Array> {
    return writtenStream(async (stdout) => {
      const writer = stdout.getWriter();
      const gone = writer.closed.then(() => {}, () => {});
      const write = (chunk: Uint8Array) => writer.write(chunk).then(() => true, () => false);
      await this.#run({ pack: path }, new Blob().stream(), { write, gone });
    });
  }

  async #run(tar: TarWork, stdin: ReadableStream<Uint8Array>, stdout: Output): Promise<void> {
    const attached = this.takeAttached();
    const words = new StderrTail();
    const stderr = {
      write: (chunk: Uint8Array) => Promise.resolve(words.push(chunk)).then(() => true),
      gone: NEVER,
    };
    const request = { commands: [], env: {}, tar, ...(attached && { attached }) };
    const { code, signal } = await this.#machine.run(request, { stdin, stdout, stderr });
    if (code === 0) return;
    if (code === MISSING_CODE) throw this.#missing();
    const said = words.toString().trim().split("\n").at(-1)!.replace(/^tar: /, "");
    const how = signal === undefined ? `tar exited with code ${code}` : `tar died of ${signal}`;
    throw new Error(said === "" ? how : printableLine(said, MAX_SAID));
  }
}

const NEVER = new Promise<void>(() => {});

/** The most of tar's message that an error shows. */
const MAX_SAID = 300;
