// Opens the live view on the terminal that is the stderr of this process.

import { lendStderr } from "../host/stderr_tail.ts";
import { ownTerminalSize } from "../libc/terminal.ts";
import { LiveView, type LiveViewOptions } from "./live_view.ts";

/** Opens a live view on stderr. Other output of this process to stderr then appears above it. */
export function ownLiveView(terminal: LiveViewOptions["terminal"]): LiveView {
  const colours = (Deno.env.get("NO_COLOR") ?? "") === ""; // https://no-color.org
  const lent = lendStderr((chunk) => view.writeAbove(chunk));
  const onGone = () => lent[Symbol.dispose]();
  const target = {
    write: (text: string) => writeBytes(new TextEncoder().encode(text)),
    writeBytes,
    size: ownTerminalSize,
  };
  const view = new LiveView({ terminal, colours, onGone }, target);
  return view;
}

/**
 * Writes synchronously, so that no other write comes in between. A closed terminal is not an error.
 */
function writeBytes(bytes: Uint8Array): void {
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(Deno.stderr.writeSync(rest));
  } catch {
    // the terminal is closed
  }
}
