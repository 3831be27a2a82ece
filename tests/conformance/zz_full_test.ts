import { vm } from "/work/w/arm/mod.ts";
import { conformance } from "/work/w/arm/tests/conformance/suite.ts";
conformance({
  name: "arm64",
  isSlow: true,
  runner: () => vm({ arch: "aarch64" }),
  terminal: () => vm({ arch: "aarch64", tty: true }),
});
