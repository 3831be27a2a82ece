// MCP's stdio transport. Unlike that of the SDK, it answers what is not a message of the protocol,
// and stays open after a message that is too long.

import {
  type JSONRPCMessage,
  parseJSONRPCMessage,
  type Transport,
} from "npm:@modelcontextprotocol/server@2.4.0";
import { type ProtocolFault, protocolFault } from "./protocol_fault.ts";
import { idAtAnEnd, type MessageLine, messageLines } from "./message_lines.ts";

/** The longest message that is accepted, in bytes. */
export const MAX_MESSAGE_BYTES = 10 << 20;

/** Error codes of JSON-RPC. */
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

/** A transport over two streams, which it owns. */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** Resolves when the client has disconnected, or the transport was closed. */
  readonly closed: Promise<void>;
  readonly #close = Promise.withResolvers<void>();
  readonly #readable: ReadableStream<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stop = new AbortController();
  #isClosed = false;

  constructor(readable: ReadableStream<Uint8Array>, writable: WritableStream<Uint8Array>) {
    this.closed = this.#close.promise;
    this.#readable = readable;
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => this.close()); // the client no longer reads
  }

  /** Starts to read messages. */
  start(): Promise<void> {
    void this.#read();
    return Promise.resolve();
  }

  /** Writes a message. Rejects if the client no longer reads. */
  send(message: JSONRPCMessage): Promise<void> {
    return this.#write(message);
  }

  /** Closes the connection. The promise does not wait for what is still being written. */
  close(): Promise<void> {
    if (this.#isClosed) return this.closed;
    this.#isClosed = true;
    this.#stop.abort();
    this.#writer.close().catch(() => {}); // the client no longer reads
    this.onclose?.();
    this.#close.resolve();
    return this.closed;
  }

  async #read(): Promise<void> {
    try {
      const input = this.#readable.pipeThrough(new TransformStream(), {
        signal: this.#stop.signal,
      });
      for await (const line of messageLines(input, MAX_MESSAGE_BYTES)) this.#take(line);
    } catch (error) {
      if (!this.#isClosed) this.onerror?.(error as Error);
    }
    await this.close();
  }

  #take(line: MessageLine): void {
    if (!("text" in line)) {
      const most = `${MAX_MESSAGE_BYTES >> 20} MiB`;
      return this.#refuse(INVALID_REQUEST, `a message is at most ${most}`, idAtAnEnd(line));
    }
    let value: unknown;
    try {
      value = JSON.parse(line.text);
    } catch {
      return this.#refuse(PARSE_ERROR, "it is not JSON on one line");
    }
    const message = toMessage(value);
    if (message !== undefined) this.#deliver(message);
    else if (Array.isArray(value)) this.#refuse(INVALID_REQUEST, "MCP has no batches");
    else if (!isResponse(value)) {
      this.#refuse(INVALID_REQUEST, "it is not a JSON-RPC 2.0 request", idOf(value));
    }
  }

  #deliver(message: JSONRPCMessage): void {
    const error = protocolFault(message);
    if (error === undefined) this.onmessage?.(message);
    else this.#answer(error, idOf(message));
  }

  #refuse(code: number, fact: string, id?: string | number): void {
    this.#answer({ code, message: `cannot read the message: ${fact}` }, id);
  }

  #answer(error: ProtocolFault, id: string | number | null = null): void {
    this.#write({ jsonrpc: "2.0", id, error }).catch(() => {}); // the client is gone
  }

  async #write(message: object): Promise<void> {
    if (this.#isClosed) throw new Error("cannot send a message: the client has disconnected");
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
  }
}

function toMessage(value: unknown): JSONRPCMessage | undefined {
  try {
    return parseJSONRPCMessage(value);
  } catch {
    return undefined;
  }
}

/** A malformed response is not answered, as an answer to it would be one to no request. */
function isResponse(value: unknown): boolean {
  return value !== null && typeof value === "object" && ("result" in value || "error" in value);
}

function idOf(value: unknown): string | number | undefined {
  const id: unknown = Object(value).id;
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}
