// The conformance table with processes on this machine; with --deny-ffi through streams.

import { local } from "../../mod.ts";
import { findLibc } from "../../src/libc/libc.ts";
import { conformance } from "./suite.ts";

const hasFfi = findLibc() !== undefined;

conformance({
  name: hasFfi ? "local" : "local without FFI",
  runner: () => local(),
  terminal: hasFfi
    ? () => local({ tty: true })
    : { runner: () => local({ tty: true }), refusal: /FFI is not available/ },
});
