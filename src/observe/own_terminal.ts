// The terminal that is our stderr, for a live view.

import { lendStderr } from "../host/stderr_tail.ts";
import { ownTerminalSize } from "../libc/terminal.ts";
import { LiveView, type LiveViewOptions } from "./live_view.ts";

/** A live view on our stderr: what this process has to say there meanwhile comes above it. */
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

/** At once, or another write would come between the parts. A terminal that is gone is no failure. */
function writeBytes(bytes: Uint8Array): void {
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(Deno.stderr.writeSync(rest));
  } catch {
    // nobody is there to see it
  }
}
