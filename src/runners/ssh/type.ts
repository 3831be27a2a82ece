// The description of the ssh runner, which does not load it.

import type { MakeRunner, RunnerType } from "../contract/runner_type.ts";
import { SSH_OPTION_SPECS } from "./options.ts";

/** The kind of runner that `ssh` makes. */
export const sshType: RunnerType = {
  kind: "ssh",
  summary: "another host, by OpenSSH",
  target: "host",
  options: SSH_OPTION_SPECS,
  load: async () => (await import("./runner.ts")).ssh as unknown as MakeRunner,
};
