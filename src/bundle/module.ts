// Makes all of execvm one module, with its types in a file next to it.

import { fileURLToPath } from "node:url";
import { lockOption } from "../../guest-build/lock_part.ts";
import { runDeno } from "../../guest-build/run_deno.ts";
import { denoError } from "../host/deno_error.ts";
import { scratchFolder } from "../host/scratch_folder.ts";
import { writeAside } from "../host/write_aside.ts";
import { signModule } from "../self/own_form.ts";
import { VERSION } from "../self/version.ts";
import { collectEmbedded, makeScript } from "./script.ts";

const MOD = fileURLToPath(new URL("../../mod.ts", import.meta.url));

/** The program that bundles the types: it needs packages that execvm does not. */
const TYPES_MAIN = fileURLToPath(new URL("types_main.ts", import.meta.url));

/** Its packages. */
const TYPES_PACKAGES = ["rolldown", "rolldown-plugin-dts"] as const;

/**
 * Makes `mod.js` and `mod.d.ts` in `folder` from the sources of a checkout. Both are written aside and
 * renamed.
 *
 * @throws {Error} if they cannot be bundled.
 */
export async function makeModule(folder: string): Promise<void> {
  const deno = Deno.execPath();
  await using scratch = await scratchFolder();
  const types = await bundleTypes(deno, scratch.path);
  const carried = await collectEmbedded(deno, "module");
  const script = await makeScript({ deno, folder: scratch.path, carried, minify: true });
  const module = signModule(script, VERSION);
  for (const [name, text] of [["mod.d.ts", types], ["mod.js", module]] as const) {
    await writeAside(`${folder}/${name}`, async (aside) => await Deno.writeTextFile(aside, text));
  }
}

/** Returns the declarations of everything that `mod.ts` exports, as one file. */
async function bundleTypes(deno: string, scratch: string): Promise<string> {
  const lock = await lockOption(scratch, TYPES_PACKAGES);
  const flags = ["-A", "--quiet", "--no-check", "--no-config", "--node-modules-dir=none", lock];
  const run = await runDeno(deno, ["run", ...flags, TYPES_MAIN, MOD]);
  if (run.success) return run.stdout;
  throw new Error(`cannot bundle the types: ${denoError(run.stderr)}`);
}
