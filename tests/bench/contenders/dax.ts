// dax. Programs are given by path, as its shell has cat, echo and true built in.

import $ from "npm:dax@0.49.0";
import type { Jobs } from "./jobs.ts";

export const jobs: Jobs = {
  throughput: (bytes) => $`/usr/bin/head -c ${bytes} /dev/zero | /bin/cat | /usr/bin/wc -c`.text(),
  spawn: async () => String(await $`/bin/true`.code()),
  echo: () => $`/bin/echo x`.text(),
};
