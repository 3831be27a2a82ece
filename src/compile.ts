// Makes one executable of all of this: `deno task compile [TARGET TRIPLE]`. With `deno compile` where its
// runtime can be had, else a script that needs Deno on the machine.

import { fileURLToPath } from "node:url";
import { denoError } from "./deno_error.ts";

const MAIN = fileURLToPath(new URL("cli/main_whole.ts", import.meta.url));
const OUTPUT = fileURLToPath(new URL("../dist/execvm", import.meta.url));
const ASIDE = `${OUTPUT}.part`;
const SHEBANG = "#!/usr/bin/env -S deno run -A --quiet --no-config --no-lock\n";

if (import.meta.main) {
  const [target] = Deno.args;
  await Deno.mkdir(OUTPUT.slice(0, OUTPUT.lastIndexOf("/")), { recursive: true });
  const failure = await compile(target);
  if (failure === undefined) say(`${OUTPUT}: one executable, which needs nothing else`);
  else if (target !== undefined) fail(`Cannot compile for ${target}: ${failure}`);
  else {
    await bundle();
    say(`${OUTPUT}: a script that needs deno in PATH, as deno compile failed: ${failure}`);
  }
}

/** Compiles; why that failed, if it did: mostly as denort cannot be downloaded. */
async function compile(target: string | undefined): Promise<string | undefined> {
  const targetFlags = target === undefined ? [] : ["--target", target];
  const run = await deno("compile", "-A", "--no-check", ...targetFlags, "-o", ASIDE, MAIN);
  if (!run.ok) return denoError(run.stderr);
  await Deno.rename(ASIDE, OUTPUT);
  return undefined;
}

async function bundle(): Promise<void> {
  const run = await deno("bundle", "--quiet", "--platform", "deno", MAIN);
  if (!run.ok) fail(`Cannot bundle: ${denoError(run.stderr)}`);
  await Deno.writeTextFile(ASIDE, SHEBANG + run.stdout);
  await Deno.chmod(ASIDE, 0o755);
  await Deno.rename(ASIDE, OUTPUT);
}

async function deno(...args: string[]) {
  const command = new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { ok: success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

function fail(line: string): never {
  say(line);
  Deno.exit(1);
}
