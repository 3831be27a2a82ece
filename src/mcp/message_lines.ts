// Splits a byte stream into the messages of MCP's stdio transport, one a line, with a bound on
// their size.

const NEWLINE = 0x0a;

/** How many bytes are kept of each end of a line that is too long, to find its id. */
const KEPT_BYTES = 256;

/** A line: its text, or the ends of one that was too long, whose bytes were dropped. */
export type MessageLine =
  | { readonly text: string }
  | { readonly start: string; readonly end: string };

/**
 * Yields the lines of a stream that are not blank, as they arrive. What follows the last newline is
 * not a message, and is dropped.
 *
 * @param chunks of any size; their boundaries have no meaning
 * @param maxBytes the longest line, without its newline
 */
export async function* messageLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<MessageLine> {
  let line = new Line(maxBytes);
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      line.push(chunk.subarray(from, end));
      if (!line.isBlank) yield line.take();
      line = new Line(maxBytes);
      from = end + 1;
    }
    line.push(chunk.subarray(from));
  }
}

/** A line that is being read. */
class Line {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #length = 0;
  #start = "";
  #end: Uint8Array | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isBlank(): boolean {
    return this.#length === 0 || this.#end === undefined && this.#text().trim() === "";
  }

  push(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length <= this.#maxBytes) {
      if (bytes.length > 0) this.#parts.push(bytes);
      return;
    }
    if (this.#end === undefined) this.#start = decode(concat([...this.#parts, bytes], KEPT_BYTES));
    const last = [...this.#parts, this.#end ?? new Uint8Array(), bytes].map((part) =>
      part.slice(-KEPT_BYTES)
    );
    this.#end = concat(last).slice(-KEPT_BYTES);
    this.#parts = [];
  }

  take(): MessageLine {
    if (this.#end === undefined) return { text: this.#text() };
    return { start: this.#start, end: decode(this.#end) };
  }

  #text(): string {
    return decode(concat(this.#parts));
  }
}

function concat(parts: readonly Uint8Array[], most = Infinity): Uint8Array {
  const length = Math.min(most, parts.reduce((sum, part) => sum + part.length, 0));
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    const taken = part.subarray(0, length - at);
    joined.set(taken, at);
    at += taken.length;
  }
  return joined;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/**
 * Returns the id of a request of which only the ends are known: a member next to one of the ends of
 * its object.
 */
export function idAtAnEnd(
  { start, end }: { readonly start: string; readonly end: string },
): string | number | undefined {
  const id = '"id"\\s*:\\s*("[^"\\\\]*"|-?\\d+)\\s*';
  const found =
    new RegExp(`^\\s*\\{\\s*(?:"jsonrpc"\\s*:\\s*"2\\.0"\\s*,\\s*)?${id},`).exec(start) ??
      new RegExp(`,\\s*${id}(?:,\\s*"jsonrpc"\\s*:\\s*"2\\.0"\\s*)?\\}\\s*$`).exec(end);
  return found === null ? undefined : JSON.parse(found[1]!);
}
