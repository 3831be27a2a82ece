// The compiled execvm as the first process of its own guests: booted, cloned, and by the table.

import assert from "node:assert/strict";
import { vm } from "../../mod.ts";
import { conformance, SHORT_ROWS } from "../conformance/suite.ts";
import { COMPILED_BY, execvm } from "../support/cli.ts";
import { KERNEL } from "../support/kernel.ts";
import { type LoggingQemu, loggingQemu } from "../support/logging_qemu.ts";
import { tempDir } from "../support/temp_dir.ts";
import { type TemplateCache, templateCache } from "../support/template_cache.ts";
import { needs } from "../support/tools.ts";

const NEEDED = ["qemu-system-x86_64", "busybox", KERNEL] as const;

// Of all tests here: an initrd has all of execvm in it, and a template takes seconds to make.
let folder: ReturnType<typeof tempDir>;
let cache: TemplateCache;
let qemu: LoggingQemu;
let initrd: string;

Deno.test.beforeAll(async () => {
  [folder, cache, qemu] = [tempDir(), templateCache(), loggingQemu()];
  initrd = `${folder.path}/initrd`;
  const { stderr } = await execvm(["initrd", "build", "--output", initrd]);
  assert.match(stderr, /^execvm: the guest's init is compiled$/m);
});
Deno.test.afterAll(() => [folder, cache, qemu].forEach((each) => each[Symbol.dispose]()));

/** Runs `script` in a machine whose initrd execvm makes by itself. */
async function inGuest(script: string, ...options: readonly string[]): Promise<string> {
  const args = ["run", "-r", "vm", "--accel", "tcg", "--qemu", qemu.qemu, ...options];
  const { code, stdout, stderr } = await execvm([...args, "--", "sh", "-c", script], {
    stdin: "given",
  });
  assert.equal(code, 0, stderr);
  return stdout;
}

Deno.test({
  ...needs("a compiled execvm is the first process of its guests, booted and cloned", ...NEEDED),
  async fn() {
    const look = "grep guest: /execvm/about; readlink /proc/1/exe; cat";
    const seen = `guest: compiled by Deno ${COMPILED_BY}\n/execvm/guest\ngiven`;
    assert.equal(await inGuest(look, "--no-template"), seen);
    assert.deepEqual(qemu.starts(), ["boot"]);
    assert.equal(await inGuest(look), seen);
    assert.deepEqual(qemu.starts(), ["template", "clone"]);
    assert.equal(await inGuest(look), seen);
    assert.deepEqual(qemu.starts(), ["clone"]);
  },
});

conformance({
  name: "vm of a compiled execvm",
  needs: NEEDED,
  isSlow: true,
  runner: () => vm({ initrd }),
  terminal: () => vm({ initrd, tty: true }),
}, SHORT_ROWS);
