// The description of the docker runner, which does not load it.

import type { MakeRunner, RunnerType } from "../contract/runner_type.ts";
import { DOCKER_OPTION_SPECS } from "./options.ts";

/** The kind of runner that `docker` makes. */
export const dockerType: RunnerType = {
  kind: "docker",
  summary: "a container for each command",
  target: "image",
  options: DOCKER_OPTION_SPECS,
  load: async () => (await import("./runner.ts")).docker as unknown as MakeRunner,
};
