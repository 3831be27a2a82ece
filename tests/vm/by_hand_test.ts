import assert from "node:assert/strict";
import { ensureInitrd } from "../../guest-build/ensure_initrd.ts";
import { cmd } from "../../mod.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { KERNEL } from "../support/kernel.ts";
import { needs } from "../support/tools.ts";

/** Runs QEMU as a user would without execvm. */
async function bootByHand(append: string): Promise<string> {
  const initrd = await ensureInitrd((await findKernel())!);
  return await cmd(
    ...["qemu-system-x86_64", "-machine", "type=pc,accel=tcg", "-m", "512", "-nographic"] as const,
    ...[
      "-nodefaults",
      "-serial",
      "stdio",
      "-no-reboot",
      "-kernel",
      KERNEL,
      "-initrd",
      initrd,
    ] as const,
    ...["-append", `console=ttyS0 quiet panic=-1 rdinit=/init ${append}`] as const,
  ).text({ timeoutMs: 120_000 });
}

const TOOLS = ["qemu-system-x86_64", "busybox", KERNEL] as const;

Deno.test({
  ...needs(
    "an initrd of execvm runs a chain that a hand-written QEMU command passes to init",
    ...TOOLS,
  ),
  async fn() {
    // The kernel consumes a second `--`.
    const shown = await bootByHand(
      "-- execvm chain >>= echo one >>= execvm chain + echo two + false",
    );
    assert.match(shown, /one\r?\ntwo\r?\nexecvm: exit 1\r?$/m);
  },
});

Deno.test({
  ...needs("an initrd of execvm runs the argv of execvm.run=, as JSON in base64", ...TOOLS),
  async fn() {
    const argv = new TextEncoder().encode(JSON.stringify(["sh", "-c", "echo 'a  b'; kill -9 $$"]));
    const shown = await bootByHand(`execvm.run=${argv.toBase64()}`);
    assert.match(shown, /a {2}b\r?\nexecvm: died of SIGKILL\r?$/m);
  },
});

Deno.test({
  ...needs("an initrd of execvm without a command reports that and powers off", ...TOOLS),
  async fn() {
    assert.match(
      await bootByHand(""),
      /execvm: the guest cannot go on \(run\): there is no command/m,
    );
  },
});
