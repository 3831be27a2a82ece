// The conformance table on the nodes of a real Slurm cluster on this machine.

import { slurm } from "../../mod.ts";
import { SLURM, useCluster } from "../support/slurm.ts";
import { shellsWith } from "../support/sshd.ts";
import type { Subject } from "./row.ts";
import { conformance, COPYING_ROWS } from "./suite.ts";

await useCluster();

const subject: Subject = {
  name: "slurm",
  needs: SLURM,
  isSlow: true,
  isNarrow: true,
  codesAreSignals: "a node's sh passes on an exit code only, 128+n for a death by signal n",
  withheldSignals: {
    CONT: "Slurm continues a step after each signal",
    WINCH: "the program on the node means by it that the command has ended",
  },
  runner: () => slurm(),
  hasRunFolder: true,
  copying: (copies) => slurm(copies),
  terminal: () => slurm({ tty: true }),
  leftovers: shellsWith,
};

conformance(subject);
// A relative path, so that the run has a folder of its own.
const files = { copied: Uint8Array.of(1) };
conformance({ ...subject, name: "slurm with files", runner: () => slurm({ files }) }, COPYING_ROWS);
