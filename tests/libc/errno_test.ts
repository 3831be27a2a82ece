import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const LIBC = fileURLToPath(new URL("../../src/libc/libc.ts", import.meta.url));

Deno.test("errno of the very first call of a process is not overwritten", async () => {
  const script = `
    import { errno, libc } from ${JSON.stringify(LIBC)};
    const results = [libc().close(999), errno(), libc().kill(1 << 22, 0), errno()];
    console.log(results.join(" "));
  `;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "-1 9 -1 3\n"); // EBADF, ESRCH
});
