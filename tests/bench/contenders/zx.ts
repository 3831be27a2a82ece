// zx, with its own `pipe`: one bash per stage. A `|` in the template would leave everything to one
// bash.

import { $ } from "npm:zx@8.8.5";
import type { Jobs } from "./jobs.ts";

export const jobs: Jobs = {
  async throughput(bytes) {
    const { stdout } = await $`head -c ${bytes} /dev/zero`.pipe($`cat`).pipe($`wc -c`);
    return stdout.trimEnd();
  },
  spawn: async () => String((await $`true`).exitCode),
  echo: async () => (await $`echo x`).stdout.trimEnd(),
};
