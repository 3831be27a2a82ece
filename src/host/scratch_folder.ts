// Makes folders for intermediate files.

import { killWithUs } from "./watchdog.ts";

/**
 * Makes an empty folder of mode 0700. It is removed on disposal, or when this process is killed.
 */
export async function scratchFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const parent = (Deno.env.get("TMPDIR") || "/tmp").replace(/\/+$/, "");
  const path = `${parent}/execvm-${crypto.randomUUID()}`;
  const cleanup = killWithUs({ path }); // before it is made, or it might be left behind
  await Deno.mkdir(path, { mode: 0o700 });
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
      cleanup[Symbol.dispose]();
    },
  };
}
