// Checks the revision of the protocol that a request claims, where the SDK does not: it serves
// requests of an unknown revision once a connection is open, and takes a `server/discover` that
// claims none for the start of a connection of 2025.

import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  PROTOCOL_VERSION_META_KEY,
  ProtocolErrorCode,
} from "npm:@modelcontextprotocol/server@2.4.0";

/** The revisions whose requests each name their revision. */
const CLAIMED_VERSIONS: readonly string[] = ["2026-07-28"];

/** The error to answer a request with. */
export interface ProtocolFault {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** Returns why a message is not served; `undefined` if it is. */
export function protocolFault(message: JSONRPCMessage): ProtocolFault | undefined {
  if (!isRequest(message)) return undefined;
  const claimed = message.params?._meta?.[PROTOCOL_VERSION_META_KEY];
  if (claimed === undefined) {
    if (message.method !== "server/discover") return undefined;
    return {
      code: ProtocolErrorCode.InvalidParams,
      message: `cannot negotiate: params._meta must have ${PROTOCOL_VERSION_META_KEY}`,
    };
  }
  if (typeof claimed !== "string" || CLAIMED_VERSIONS.includes(claimed)) return undefined;
  return {
    code: ProtocolErrorCode.UnsupportedProtocolVersion,
    message: `Unsupported protocol version: ${claimed}`,
    data: { supported: CLAIMED_VERSIONS, requested: claimed },
  };
}

function isRequest(message: JSONRPCMessage): message is JSONRPCRequest {
  return "method" in message && "id" in message;
}
