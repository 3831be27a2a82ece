// The conformance table on this machine's own processes; with --deny-ffi through streams.

import { local } from "../../mod.ts";
import { findLibc } from "../../src/libc/libc.ts";
import { doom } from "../../src/watchdog.ts";
import { conformance } from "./suite.ts";

const hasFfi = findLibc() !== undefined;

// Started here, as it lasts longer than any one test.
doom({ path: "/nonexistent/execvm" })[Symbol.dispose]();

conformance({
  name: hasFfi ? "local" : "local without FFI",
  runner: () => local(),
  terminal: hasFfi
    ? () => local({ tty: true })
    : { runner: () => local({ tty: true }), refusal: /FFI is not available/ },
});
