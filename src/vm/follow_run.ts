// Follows the messages of a guest while its command runs.

import type { ExitStatus } from "../libc/spawn.ts";
import {
  type ExitReport,
  type GuestMessage,
  type LinkReport,
  ProtocolError,
} from "../machine/protocol.ts";
import type { InputCopy } from "./input_copy.ts";
import type { OutputCopy } from "./output_copy.ts";

/** How a command in a guest ended. */
export type GuestExit = ExitStatus & LinkReport & ExitReport;

/**
 * Follows a started command to its end. Each message is accepted only once, so that a guest cannot
 * keep us busy with more of them.
 *
 * @param nextMessage returns the guest's next message; may be called again before it resolves
 * @throws {ProtocolError} if the guest breaks the protocol.
 * @throws {Error} if the guest reports a failure.
 */
export async function followRun(
  nextMessage: () => Promise<GuestMessage>,
  outputs: Readonly<Record<"stdout" | "stderr", OutputCopy>>,
  stdin: InputCopy,
): Promise<GuestExit> {
  const { stdout, stderr } = outputs;
  const seen = new Set<string>();
  while (true) {
    const message = await Promise.race([nextMessage(), stdout.failed, stderr.failed]);
    const what = message.type === "end" ? `end of ${message.stream}` : message.type;
    if (seen.has(what)) throw new ProtocolError(`the guest sent ${what} twice`);
    seen.add(what);
    switch (message.type) {
      case "stdin-closed":
        stdin.stop();
        break;
      case "end":
        await outputs[message.stream].until(message.bytes);
        break;
      case "exit":
        if (!stdout.isWhole || !stderr.isWhole) {
          throw new ProtocolError("the guest sent exit before the end of its output");
        }
        return exitOf(message);
      case "failed":
        throw new Error(message.message);
      default:
        throw new ProtocolError(`the guest sent ${message.type} while a command ran`);
    }
  }
}

function exitOf(message: GuestMessage & { readonly type: "exit" }): GuestExit {
  const { oomKills, link } = message;
  const report = {
    ...(oomKills !== undefined && { oomKills }),
    ...(link !== undefined && { link }),
  };
  if ("code" in message) return { code: message.code, ...report };
  return { signal: message.signal, ...report };
}
