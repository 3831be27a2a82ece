// The protocol between host and guest on the control port.
//
// A frame is a length, 4 bytes little-endian, and that many bytes of JSON. The bytes of stdin,
// stdout and stderr have separate ports, so that none blocks another. Their ends are messages on
// the control port, with byte counts, as a port cannot signal the end of a stream.

import type { SignalName } from "../libc/signals.ts";
import type { RootMount } from "./protocol_words.ts";

/** Names of the virtio-serial ports, as in /sys/class/virtio-ports. */
export const PORTS = {
  control: "execvm.control",
  stdin: "execvm.stdin",
  stdout: "execvm.stdout",
  stderr: "execvm.stderr",
} as const;

/** The version of the protocol. The host refuses a guest with another one. */
export const PROTOCOL_VERSION = 5;

/** Limit of a frame from the host, in bytes: argv and environment have at most 2 MiB (ARG_MAX). */
export const MAX_HOST_FRAME: number = 8 << 20;
/** Limit of a frame from the guest, in bytes. Its messages are short; longer ones are hostile. */
export const MAX_GUEST_FRAME: number = 64 << 10;

/** The size of the command's terminal. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * Devices that are attached when a machine runs: templates have none, and each clone has its own.
 */
export interface Attached {
  /** Names in `/dev` of the devices whose drivers were unbound. */
  readonly devices: readonly string[];
  /** The root of the command. */
  readonly root?: RootMount | undefined;
  /** Path of the device that writes to the root go to. */
  readonly workspace?: string | undefined;
}

/** Writes a part of a file in the guest before its command runs. */
export interface PutMessage {
  readonly type: "put";
  /** Absolute, in the root of the command. */
  readonly path: string;
  readonly mode: number;
  /** The next bytes, in base64; the first part creates or truncates the file. */
  readonly content: string;
  readonly isFirst: boolean;
  /** The owner of the file and of the folders that are made for it, as in a run. */
  readonly user?: string;
  readonly clockMs: number;
  /** The devices to attach first. */
  readonly attached?: Attached;
}

/**
 * Where the stdout of a command of a chain goes: to that of the chain, to its stderr, or nowhere.
 */
export type LinkStdout = "pass" | "stderr" | "discard";

/** The exit code of a run that should have packed a path where there is nothing. */
export const MISSING_CODE = 44;

/** Unpacks the tar on stdin below the root, or packs what is at a path to stdout. */
export type TarWork = { readonly unpack: "/" } | { readonly pack: string };

/** Runs commands in the guest. */
export interface RunMessage {
  readonly type: "run";
  /**
   * The argv of each command of a chain, or of the only one; if empty, of the kernel command line.
   */
  readonly commands: readonly (readonly string[])[];
  /** Where the stdout of each command goes. By default, and for the last one, `pass`. */
  readonly stdouts?: readonly LinkStdout[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The user that runs them, as in user_words.ts; root by default. */
  readonly user?: string;
  readonly terminal?: TerminalSize;
  /** The time of the host, in milliseconds since 1970. */
  readonly clockMs: number;
  /** Random bytes from the host, in base64: a guest that has just booted has little entropy. */
  readonly entropy: string;
  /** The host name, as clones do not have their own. */
  readonly hostname?: string;
  /** The devices to attach first. */
  readonly attached?: Attached;
  /** Sent to the command that is waiting, which then runs in place of `commands`. */
  readonly payload?: string;
  /** Runs as root in place of `commands`, without a program of the root. */
  readonly tar?: TarWork;
}

/** Starts a command in advance, which then waits for the payload of a run. */
export interface WaitMessage {
  readonly type: "wait";
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user?: string;
}

/** Sends a signal to the command that is running, or also to all processes that it has started. */
export interface SignalMessage {
  readonly type: "signal";
  readonly signal: SignalName;
  readonly to: "all" | "command";
}

/** A message from host to guest. */
export type HostMessage =
  | RunMessage
  | PutMessage
  | WaitMessage
  | SignalMessage
  | ({ readonly type: "resize" } & TerminalSize)
  /** All of stdin has been sent; its total length. */
  | { readonly type: "stdin-end"; readonly bytes: number }
  /** The stream has no reader any more. */
  | { readonly type: "closed"; readonly stream: "stdout" | "stderr" }
  /** Unbind the drivers of all drives, so that others can take their place, and free memory. */
  | { readonly type: "detach" }
  | { readonly type: "power-off" };

/** What a guest with a workspace reports about a run besides its status. */
export interface ExitReport {
  /** The number of processes that the kernel killed during the run for lack of memory. */
  readonly oomKills?: number;
}

/** What the guest reports about a chain besides its status. */
export interface LinkReport {
  /** The number of the last command that ran, from 1. */
  readonly link?: number;
}

/** An owner, by number. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A message from guest to host. */
export type GuestMessage =
  /** The guest is up and has opened its ports. */
  | { readonly type: "hello"; readonly version: number }
  /** The drivers of the drives have been unbound. */
  | { readonly type: "detached" }
  /** The command that was started in advance is waiting. */
  | { readonly type: "waiting" }
  /** The command is about to start, as that user: from now on it counts as having run. */
  | ({ readonly type: "started" } & Owner)
  /** stdin has no reader any more. */
  | { readonly type: "stdin-closed" }
  /** All of the stream has been sent; its total length. */
  | { readonly type: "end"; readonly stream: "stdout" | "stderr"; readonly bytes: number }
  | ({ readonly type: "exit"; readonly code: number } & LinkReport & ExitReport)
  | ({ readonly type: "exit"; readonly signal: SignalName } & LinkReport & ExitReport)
  /** The guest could not do what was requested. */
  | { readonly type: "failed"; readonly phase: string; readonly message: string };

/** A violation of the protocol. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** Encodes a message as a frame. */
export function encodeFrame(message: HostMessage | GuestMessage): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(message));
  const frame = new Uint8Array(4 + json.length);
  new DataView(frame.buffer).setUint32(0, json.length, true);
  frame.set(json, 4);
  return frame;
}

const HEADER_BYTES = 4;

/**
 * Decodes frames from chunks with arbitrary boundaries, in linear time. Buffers at most one frame
 * of the allowed size.
 */
export class FrameDecoder {
  readonly #maxBytes: number;
  readonly #header = new Uint8Array(HEADER_BYTES);
  /** The JSON of the frame that is being read, once its length is known. */
  #json: Uint8Array | undefined;
  /** The number of bytes of the header or, after it, of the JSON that have been read. */
  #filled = 0;

  /** @param maxBytes limit of the JSON of a frame */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Returns the messages that `chunk` completes, only checked to be JSON objects.
   *
   * @throws {ProtocolError} if a frame is too long or not a JSON object; the decoder is then
   * unusable.
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

  /** Copies as much as there is room for. Returns the rest. */
  #fill(target: Uint8Array, bytes: Uint8Array): Uint8Array {
    const taken = bytes.subarray(0, target.length - this.#filled);
    target.set(taken, this.#filled);
    this.#filled += taken.length;
    return bytes.subarray(taken.length);
  }

  /** Allocates the JSON of a frame once its header is complete. */
  #startFrame(): Uint8Array | undefined {
    if (this.#filled < HEADER_BYTES) return undefined;
    const length = new DataView(this.#header.buffer).getUint32(0, true);
    if (length > this.#maxBytes) {
      throw new ProtocolError(
        `cannot read a frame of ${length} bytes: the limit is ${this.#maxBytes}`,
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
    throw new ProtocolError("cannot read a frame: it is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ProtocolError("cannot read a frame: it is not a JSON object");
  }
  return value as Record<string, unknown>;
}
