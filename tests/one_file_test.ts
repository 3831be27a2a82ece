// The executable of one file. denort cannot be had everywhere: what Deno is asked for to compile, and that
// the parts of what it compiles work together, is shown with a stand-in for `deno compile` that makes a
// script of them which Deno runs.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { cmd } from "../mod.ts";
import { hashSources } from "../guest-build/sources.ts";
import { makeOneFile } from "../src/one_file.ts";
import { kernelConfig } from "../kernel/fragments.ts";
import { type TempDir, tempDir } from "./support/temp_dir.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const FAKE_DENO = `#!/bin/sh
if [ "$1" != compile ]; then exec REAL_DENO "$@"; fi
here=\${0%/*}
echo "$DENORT_BIN $*" > "$here/asked"
if [ "$DENORT_BIN" = /broken ]; then echo 'error: it is broken' >&2; exit 1; fi
for entry; do :; done
cp -r "\${entry%/*}" "$here/compiled"
while [ "$1" != --output ]; do shift; done
printf '#!/bin/sh\\nexec REAL_DENO run -A %s/compiled/main.js "$@"\\n' "$here" > "$2"
`;
