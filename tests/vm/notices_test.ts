// Notices that are printed once a day.

import assert from "node:assert/strict";
import { isNew } from "../../src/vm/notices.ts";
import { EXECVM, execvm } from "../support/cli.ts";
import { KERNEL } from "../support/kernel.ts";
import { needsReadOnly, readOnlyArgv } from "../support/read_only.ts";
import { templateCache } from "../support/template_cache.ts";
import { needs } from "../support/tools.ts";
import { ownCache } from "../kernels/fixture.ts";

const HOUR_MS = 3_600_000;

Deno.test("a notice is new once a day per cache, and when it has changed", () => {
  using cache = ownCache();
  const start = Date.now();
  assert.equal(isNew("a", "line", start), true);
  assert.equal(isNew("a", "line", start + 23 * HOUR_MS), false);
  assert.equal(isNew("a", "another", start + 23 * HOUR_MS), true);
  assert.equal(isNew("a", "another", start + 46 * HOUR_MS), false);
  assert.equal(isNew("a", "another", start + 48 * HOUR_MS), true);
  assert.equal(isNew("b", "line", start), true);
  assert.equal(isNew("a", "another", start), true, "the clock has been set back");
  Deno.writeTextFileSync(`${cache.path}/notices/a`, "null");
  assert.equal(isNew("a", "another", start), true);
});

Deno.test("without a cache folder a notice is new to each process", () => {
  const names = ["EXECVM_CACHE", "XDG_CACHE_HOME", "HOME"] as const;
  const before = names.map((name) => [name, Deno.env.get(name)] as const);
  try {
    for (const name of names) Deno.env.delete(name);
    assert.equal(isNew("a", "line", Date.now()), true);
  } finally {
    for (const [name, value] of before) if (value !== undefined) Deno.env.set(name, value);
  }
});

/** A run that prints the notice of emulation, unless KVM works here. */
const RUN = ["run", "-r", "vm", "--", "true"] as const;

Deno.test({
  ...needs(
    "the notice of emulation is printed once a day, and never with -q",
    "qemu-system-x86_64",
    KERNEL,
  ),
  async fn() {
    using _cache = templateCache();
    const quiet = await execvm(["run", "-q", "-r", "vm", "--", "true"]);
    assert.deepEqual([quiet.code, quiet.stderr], [0, ""]);
    const [first, second] = [await execvm(RUN), await execvm(RUN)];
    assert.deepEqual([first.code, second.code, second.stderr], [0, 0, ""]);
    // Where KVM works there is no notice.
    assert.match(first.stderr, /^(execvm: virtual machines run in software emulation, .*\n)?$/);
  },
});

Deno.test({
  ...needsReadOnly(
    "the notice about a read-only cache is printed once",
    "qemu-system-x86_64",
    KERNEL,
  ),
  async fn() {
    using cache = templateCache();
    await execvm(RUN);
    const path = `${cache.path}/notices/emulation`;
    if (hasKvm(path)) return;
    const told = JSON.parse(Deno.readTextFileSync(path));
    Deno.writeTextFileSync(path, JSON.stringify({ ...told, atMs: told.atMs - 48 * HOUR_MS }));
    const [program, ...args] = readOnlyArgv([cache.path], [...EXECVM, ...RUN]);
    const { code, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
    assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
  },
});

/** Whether nothing has been printed. */
function hasKvm(notice: string): boolean {
  try {
    return !Deno.statSync(notice).isFile;
  } catch {
    return true;
  }
}
