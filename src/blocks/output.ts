// Decodes captured output as text, lines or JSON.

import { toText } from "../model/to_text.ts";

export { toText };

/** As {@linkcode toText}, split at newlines. Empty output has no lines. */
export function toLines(output: Uint8Array): string[] {
  return output.length === 0 ? [] : toText(output).split(/\r?\n/);
}

/** As {@linkcode toText}, parsed as JSON. @throws {SyntaxError} if it is not JSON. */
export function toParsed(output: Uint8Array): unknown {
  return JSON.parse(toText(output));
}

/** Concatenates chunks. */
export function concatenate(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
