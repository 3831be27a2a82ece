// A part of the conformance table in aarch64 machines, also on other architectures: the rows that
// could depend on the architecture, by the guest's constants and layouts of its C library, kernel
// and QEMU.

import { vm } from "../../mod.ts";
import { kernelOf } from "../support/kernel.ts";
import { conformance, SHORT_ROWS } from "./suite.ts";

conformance({
  name: "vm of aarch64",
  needs: ["qemu-system-aarch64", "busybox", await kernelOf("aarch64")],
  isSlow: true,
  runner: () => vm({ arch: "aarch64" }),
  terminal: () => vm({ arch: "aarch64", tty: true }),
}, SHORT_ROWS);
