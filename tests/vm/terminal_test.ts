import assert from "node:assert/strict";
import { local, stream } from "../../mod.ts";
import { EXECVM } from "../support/cli.ts";
import { KERNEL } from "../support/kernel.ts";
import { needs } from "../support/tools.ts";

const TOOLS = ["qemu-system-x86_64", "busybox", KERNEL] as const;

/** Waits in the guest for a new size and for ^C. */
const SCRIPT = `
trap 'stty size; exit 5' INT
stty size
echo ready
while :; do sleep 0.2; done`;

Deno.test({
  ...needs("run -r vm -t on a terminal has its size, and ^C goes to the command", ...TOOLS),
  async fn() {
    const command = [...EXECVM, "run", "-r", "vm", "-t", "--", "sh", "-c", SCRIPT] as const;
    const resizing = ["sh", "-c", 'stty rows 30 columns 100; exec "$@"', "sh", ...command] as const;
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    const keys = new ReadableStream<Uint8Array>({
      async start(controller) {
        await ready;
        controller.enqueue(Uint8Array.of(3));
      },
    });
    let shown = "";
    const screen = new WritableStream<Uint8Array>({
      write(chunk) {
        shown += new TextDecoder().decode(chunk);
        if (shown.includes("ready")) resolve();
      },
    });
    const result = await stream(keys).pipe(local({ tty: true }).cmd(...resizing)).to(stream(screen))
      .run({ check: false, timeoutMs: 120_000 });
    assert.equal(result.code, 5, shown);
    assert.equal(shown.match(/30 100\r?$/gm)?.length, 2, shown);
  },
});

Deno.test({
  ...needs("a chain on the kernel command line runs in the guest's own init", ...TOOLS),
  async fn() {
    const links = ["execvm", "chain", "--", "echo", "one", "--", "sh", "-c", "echo two; exit 7"];
    const run = await local().cmd(...EXECVM, "run", "-r", "vm", "--", ...links).to(
      stream(new WritableStream()),
    ).run({ check: false });
    assert.equal(run.code, 7);
  },
});
