// A part of the conformance table in machines of aarch64, which may not be this machine's architecture: what
// could depend on it, on the numbers and layouts that the guest has of its C library, its kernel and QEMU.

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
