// A folder for what is on its way.

import { killWithUs } from "./watchdog.ts";

/** A new empty folder that only we may enter. Disposing of it removes it; so does SIGKILL to us. */
export async function scratchFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const parent = (Deno.env.get("TMPDIR") || "/tmp").replace(/\/+$/, "");
  const path = `${parent}/execvm-${crypto.randomUUID()}`;
  const cleanup = killWithUs({ path }); // before it is there, or it may be left
  await Deno.mkdir(path, { mode: 0o700 });
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
      cleanup[Symbol.dispose]();
    },
  };
}
