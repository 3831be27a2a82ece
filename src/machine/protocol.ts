// What host and guest say to each other on the control port.
//
// A frame is a length, 4 bytes little-endian, and that many bytes of JSON. The bytes of stdin, stdout and
// stderr have ports of their own, so that none holds up another; their ends are told here, with counts,
// as a port has no end of its own.

import type { SignalName } from "../libc/signals.ts";
import type { RootMount } from "./protocol_words.ts";

/** Names of the virtio-serial ports, as in /sys/class/virtio-ports. */
export const PORTS = {
  control: "execvm.control",
  stdin: "execvm.stdin",
  stdout: "execvm.stdout",
  stderr: "execvm.stderr",
} as const;

/** Both sides must speak the same version: the host refuses a guest of another one. */
export const PROTOCOL_VERSION = 4;

/** Bytes of the largest frame: an argv and environment are at most 2 MiB together (ARG_MAX). */
export const MAX_HOST_FRAME: number = 8 << 20;
/** What a guest says is short; whoever says more is up to no good. */
export const MAX_GUEST_FRAME: number = 64 << 10;

/** A terminal for the command. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What a machine gets when it runs: a template has nothing attached, and each clone something else. */
export interface Attached {
  /** Names in `/dev` of the devices whose drivers were let go of. */
  readonly devices: readonly string[];
  /** The root of the command. */
  readonly root?: RootMount | undefined;
  /** Path of the device that takes what is written to it. */
  readonly workspace?: string | undefined;
}

/** A part of a file that the guest is to have before its command runs. */
export interface PutMessage {
  readonly type: "put";
  /** Absolute, in the root of the command. */
  readonly path: string;
  readonly mode: number;
  /** What comes next of it, in base64; the first part makes the file, or empties the one that is there. */
  readonly content: string;
  readonly isFirst: boolean;
  /** Whose it is, with the folders that are made for it; as for a run. */
  readonly user?: string;
  readonly clockMs: number;
  /** What is attached before. */
  readonly attached?: Attached;
}

/** Where the stdout of a command of a chain goes: to that of all, to their stderr, or nowhere. */
export type LinkStdout = "pass" | "stderr" | "discard";

/** What the guest is to run. */
export interface RunMessage {
  readonly type: "run";
  /** The argv of each command of a chain, or of the only one; empty: those of the kernel command line. */
  readonly commands: readonly (readonly string[])[];
  /** Where the stdout of each of them goes; without it, and for the last, it passes. */
  readonly stdouts?: readonly LinkStdout[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Who runs them, as in user_words.ts; root unless told otherwise. */
  readonly user?: string;
  readonly terminal?: TerminalSize;
  /** The time of the host, in milliseconds since 1970. */
  readonly clockMs: number;
  /** Random bytes from the host, in base64: a guest that has just booted has gathered few. */
  readonly entropy: string;
  /** The name of this machine, which a clone has not of its own. */
  readonly hostname?: string;
  /** What is attached first. */
  readonly attached?: Attached;
  /** What the command that waits is told, which then runs in place of `commands`. */
  readonly payload?: string;
}

/** A command that is to start now, and to wait for what it is told once it is a run. */
export interface WaitMessage {
  readonly type: "wait";
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user?: string;
}

/** A signal for the command that runs, or for all that it has started as well. */
export interface SignalMessage {
  readonly type: "signal";
  readonly signal: SignalName;
  readonly to: "all" | "command";
}

/** From host to guest. */
export type HostMessage =
  | RunMessage
  | PutMessage
  | WaitMessage
  | SignalMessage
  | ({ readonly type: "resize" } & TerminalSize)
  /** All of stdin has been sent: so many bytes. */
  | { readonly type: "stdin-end"; readonly bytes: number }
  /** Nobody reads that stream any more. */
  | { readonly type: "closed"; readonly stream: "stdout" | "stderr" }
  /** Let go of all drives, so that others can be in their place, and of memory that is not needed. */
  | { readonly type: "detach" }
  | { readonly type: "power-off" };

/** What a guest with a workspace tells of a run beside its status. */
export interface ExitReport {
  /** How many processes the kernel has killed meanwhile as there was no memory left. */
  readonly oomKills?: number;
}

/** What is told of a chain beside its status. */
export interface LinkReport {
  /** The number, from 1 on, of the last command that ran. */
  readonly link?: number;
}

/** Whose something is, by number. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** From guest to host. */
export type GuestMessage =
  /** The guest is up and has opened its ports. */
  | { readonly type: "hello"; readonly version: number }
  /** The drives have been let go of. */
  | { readonly type: "detached" }
  /** The command that was to wait does. */
  | { readonly type: "waiting" }
  /** The command is about to start, as that user: from now on it counts as having run. */
  | ({ readonly type: "started" } & Owner)
  /** Nobody reads stdin any more. */
  | { readonly type: "stdin-closed" }
  /** All of that stream has been sent: so many bytes. */
  | { readonly type: "end"; readonly stream: "stdout" | "stderr"; readonly bytes: number }
  | ({ readonly type: "exit"; readonly code: number } & LinkReport & ExitReport)
  | ({ readonly type: "exit"; readonly signal: SignalName } & LinkReport & ExitReport)
  /** The guest cannot do what it was asked for. */
  | { readonly type: "failed"; readonly phase: string; readonly message: string };

/** Somebody broke the protocol. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** A message as a frame. */
export function encodeFrame(message: HostMessage | GuestMessage): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(message));
  const frame = new Uint8Array(4 + json.length);
  new DataView(frame.buffer).setUint32(0, json.length, true);
  frame.set(json, 4);
  return frame;
}

const HEADER_BYTES = 4;

/**
 * Takes frames apart, however they are cut, in time that is linear in their bytes. Holds no more than one
 * frame of the allowed size.
 */
export class FrameDecoder {
  readonly #maxBytes: number;
  readonly #header = new Uint8Array(HEADER_BYTES);
  /** The JSON of the frame that is being read, once its length is known. */
  #json: Uint8Array | undefined;
  /** Bytes of the header or, after it, of the JSON that are here. */
  #filled = 0;

  /** @param maxBytes of the JSON of a frame */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The messages that `chunk` completes, unchecked but for being JSON objects.
   *
   * @throws {ProtocolError} if a frame is too long or no JSON object; the decoder is then of no use.
   */
  push(chunk: Uint8Array): Record<string, unknown>[] {
    const messages: Record<string, unknown>[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#fill(this.#json ?? this.#header, rest);
      this.#json ??= this.#startFrame();
      if (this.#json === undefined || this.#filled < this.#json.length) continue;
      messages.push(parseObject(this.#json));
      this.#json = undefined;
      this.#filled = 0;
    }
    return messages;
  }

  /** Copies as much as there is room for; what is left. */
  #fill(target: Uint8Array, bytes: Uint8Array): Uint8Array {
    const taken = bytes.subarray(0, target.length - this.#filled);
    target.set(taken, this.#filled);
    this.#filled += taken.length;
    return bytes.subarray(taken.length);
  }

  /** Room for the JSON that a whole header announces. */
  #startFrame(): Uint8Array | undefined {
    if (this.#filled < HEADER_BYTES) return undefined;
    const length = new DataView(this.#header.buffer).getUint32(0, true);
    if (length > this.#maxBytes) {
      throw new ProtocolError(
        `Cannot take a frame of ${length} bytes as ${this.#maxBytes} is the most`,
      );
    }
    this.#filled = 0;
    return new Uint8Array(length);
  }
}

function parseObject(json: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch {
    throw new ProtocolError("Cannot read a frame as it is no JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ProtocolError("Cannot read a frame as it is no JSON object");
  }
  return value as Record<string, unknown>;
}
