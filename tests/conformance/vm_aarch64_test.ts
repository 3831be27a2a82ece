// A part of the conformance table in machines of aarch64, which may not be this machine's architecture: what
// could depend on it, on the numbers and layouts that the guest has of its C library, its kernel and QEMU.

import { vm } from "../../mod.ts";
import { kernelOf } from "../support/kernel.ts";
import { conformance } from "./suite.ts";

conformance({
  name: "vm of aarch64",
  needs: ["qemu-system-aarch64", "busybox", await kernelOf("aarch64")],
  isSlow: true,
  runner: () => vm({ arch: "aarch64" }),
  terminal: () => vm({ arch: "aarch64", tty: true }),
}, [
  "stdout is exact for bytes 0 to 255",
  "stdin is exact for bytes 0 to 255",
  "stderr is apart from stdout",
  "the end of stdin ends cat",
  "stdin is empty without a source",
  "exit codes 0 to 255 are told as they are",
  "death by a signal is told as that signal",
  "a command that is not found gives 127",
  "a command that is not executable gives 126",
  "yes | head -1 ends, and that yes dies of SIGPIPE is no failure",
  "/dev/stdin can be opened again by its name",
  "/dev/stdout and /dev/stderr can be opened again by their names",
  "all of a chain reads on in the same stdin",
  "argv arrives word for word: spaces, quotes, newlines, empty strings, unicode",
  "env arrives: spaces, newlines, =, unicode, empty values",
  "cwd is where the command runs",
  "a terminal that was asked for is a real one",
  "an AbortSignal ends it within 2 s and leaves nothing behind",
]);
