// The task that makes one executable.

import { fileURLToPath } from "node:url";
import { messageOf } from "../model/errors.ts";
import { makeOneFile } from "./one_file.ts";
import { parseTaskArgs } from "./task_args.ts";

const USAGE = `deno task compile [--target TRIPLE] [--output FILE]

  --target TRIPLE  Compile for this system, such as aarch64-unknown-linux-gnu
  --output FILE    Write to this file (default: dist/execvm)`;

const OUTPUT = fileURLToPath(new URL("../../dist/execvm", import.meta.url));

if (import.meta.main) {
  try {
    await compile(Deno.args);
  } catch (error) {
    say(messageOf(error));
    Deno.exit(1);
  }
}

async function compile(args: readonly string[]): Promise<void> {
  const options = { target: { type: "string" }, output: { type: "string" } } as const;
  const { values: { target, output = OUTPUT } } = parseTaskArgs(USAGE, {
    args: [...args],
    options,
  });
  const { kind, reason } = await makeOneFile(output, target === undefined ? {} : { target });
  if (kind === "compiled") say(`${output}: one executable, which needs nothing else`);
  else say(`${output}: one script, which needs deno in PATH, as ${reason}`);
}

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}
