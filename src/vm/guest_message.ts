// Checks the messages of a guest, which may be anything.

import { printableLine } from "../host/printable.ts";
import { type SignalName, signalNumber } from "../libc/signals.ts";
import { type GuestMessage, ProtocolError } from "../machine/protocol.ts";

const MAX_TEXT = 4096;
const MAX_NAME = 64;

/** Checks a guest's message field by field. @throws {ProtocolError} if it is not valid. */
export function checkGuestMessage(message: Record<string, unknown>): GuestMessage {
  const checked = read(message);
  if (checked !== undefined) return checked;
  // Only its type is shown: the rest may be nested deeper than JSON.stringify can go.
  const { type } = message;
  const shown = typeof type === "string" ? JSON.stringify(printableLine(type, MAX_NAME)) : "none";
  throw new ProtocolError(
    `cannot take a message of type ${shown} from the guest: its fields are wrong or there is no such type`,
  );
}

function read(message: Record<string, unknown>): GuestMessage | undefined {
  switch (message["type"]) {
    case "hello": {
      const { version } = message;
      return isCount(version) ? { type: "hello", version } : undefined;
    }
    case "detached":
    case "waiting":
    case "stdin-closed":
      return { type: message["type"] };
    case "started": {
      const { uid, gid } = message;
      return isCount(uid) && isCount(gid) ? { type: "started", uid, gid } : undefined;
    }
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
      return {
        type: "failed",
        phase: printableLine(phase, MAX_NAME),
        message: printableLine(text, MAX_TEXT),
      };
    }
    default:
      return undefined;
  }
}

function readExit(
  { code, signal, oomKills, link }: Record<string, unknown>,
): GuestMessage | undefined {
  if (oomKills !== undefined && !isCount(oomKills)) return undefined;
  if (link !== undefined && !isCount(link)) return undefined;
  const report = {
    ...(oomKills !== undefined && { oomKills }),
    ...(link !== undefined && { link }),
  };
  if (isCount(code) && code <= 255 && signal === undefined) {
    return { type: "exit", code, ...report };
  }
  if (typeof signal !== "string" || code !== undefined || !isSignal(signal)) return undefined;
  return { type: "exit", signal, ...report };
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
