// The conformance table in real containers, one for each command.

import { docker } from "../../mod.ts";
import { containersWith, DOCKER, IMAGE, startEngine } from "../support/docker.ts";
import type { Subject } from "./row.ts";
import { conformance, COPIED, COPYING_ROWS } from "./suite.ts";

await startEngine();

const subject: Subject = {
  name: "docker",
  needs: [DOCKER],
  isSlow: true,
  codesAreSignals: "a container has an exit code only, 128+n for a death by signal n",
  sizesTerminalLate: "engines before 23 are told the size after the start",
  makesFolders: "Docker makes the working directory in the container",
  foreignProgramCode: 127, // busybox's sh runs any file as a script
  runner: () => docker({ image: IMAGE }),
  copying: (copies) => docker({ image: IMAGE, ...copies }),
  terminal: () => docker({ image: IMAGE, tty: true }),
  leftovers: containersWith,
};

conformance(subject);
conformance(
  { ...subject, name: "docker with files", runner: () => docker({ image: IMAGE, ...COPIED }) },
  COPYING_ROWS,
);
