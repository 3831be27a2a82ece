// The task that makes one module with its types.

import { fileURLToPath } from "node:url";
import { messageOf } from "../model/errors.ts";
import { makeModule } from "./module.ts";
import { parseTaskArgs } from "./task_args.ts";

const USAGE = `deno task bundle [--output FOLDER]

  --output FOLDER  Write mod.js and mod.d.ts to this folder (default: dist)`;

const OUTPUT = fileURLToPath(new URL("../../dist", import.meta.url));

if (import.meta.main) {
  try {
    await bundleModule(Deno.args);
  } catch (error) {
    say(messageOf(error));
    Deno.exit(1);
  }
}

async function bundleModule(args: readonly string[]): Promise<void> {
  const { values: { output = OUTPUT } } = parseTaskArgs(USAGE, {
    args: [...args],
    options: { output: { type: "string" } },
  });
  await makeModule(output);
  say(`${output}/mod.js: one module, with its types in ${output}/mod.d.ts`);
}

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}
