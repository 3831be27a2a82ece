// The conformance table in real virtual machines, one for each command.

import { vm } from "../../mod.ts";
import { KERNEL } from "../support/kernel.ts";
import { conformance } from "./suite.ts";

conformance({
  name: "vm",
  needs: ["qemu-system-x86_64", "busybox", KERNEL],
  isSlow: true,
  runner: () => vm(),
  terminal: () => vm({ tty: true }),
});
