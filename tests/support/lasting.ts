// Opens what execvm keeps open until the process exits, before the first test (by `--preload`), so
// that no test seems to leak it.

import { killWithUs } from "../../src/host/watchdog.ts";
import { findLibc } from "../../src/libc/libc.ts";

Object.values(findLibc() ?? {});
killWithUs({ path: "/nonexistent/execvm" })[Symbol.dispose]();
