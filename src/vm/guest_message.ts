// Checking what a guest says: it may be anything.

import { type SignalName, signalNumber } from "../libc/signals.ts";
import { type GuestMessage, ProtocolError } from "./protocol.ts";

const MAX_TEXT = 4096;

/** A message from a guest, checked field by field. @throws {ProtocolError} if it is none. */
export function checkGuestMessage(message: Record<string, unknown>): GuestMessage {
  const checked = read(message);
  if (checked !== undefined) return checked;
  const shown = JSON.stringify(message).slice(0, 200);
  throw new ProtocolError(`Cannot take this from the guest: ${shown}`);
}

function read(message: Record<string, unknown>): GuestMessage | undefined {
  switch (message["type"]) {
    case "hello": {
      const { version } = message;
      return isCount(version) ? { type: "hello", version } : undefined;
    }
    case "stdin-closed":
      return { type: "stdin-closed" };
    case "end": {
      const { stream, bytes } = message;
      if (stream !== "stdout" && stream !== "stderr") return undefined;
      return isCount(bytes) ? { type: "end", stream, bytes } : undefined;
    }
    case "exit":
      return readExit(message);
    case "failed": {
      const { phase, message: text } = message;
      if (typeof phase !== "string" || typeof text !== "string") return undefined;
      return { type: "failed", phase: printable(phase), message: printable(text) };
    }
    default:
      return undefined;
  }
}

function readExit({ code, signal }: Record<string, unknown>): GuestMessage | undefined {
  if (isCount(code) && code <= 255 && signal === undefined) return { type: "exit", code };
  if (typeof signal !== "string" || code !== undefined || !isSignal(signal)) return undefined;
  return { type: "exit", signal };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isSignal(name: string): name is SignalName {
  try {
    return signalNumber(name as SignalName) <= 64;
  } catch {
    return false;
  }
}

/** Without what could move the cursor of a terminal. */
function printable(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.slice(0, MAX_TEXT).replaceAll(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "\u{fffd}");
}
