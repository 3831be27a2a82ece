// All of execvm as one module, with its types beside it.

import { fileURLToPath } from "node:url";
import { lockOption } from "../../guest-build/lock_part.ts";
import { runDeno } from "../../guest-build/run_deno.ts";
import { denoError } from "../host/deno_error.ts";
import { scratchFolder } from "../host/scratch_folder.ts";
import { writeAside } from "../host/write_aside.ts";
import { MODULE_HEAD } from "./own_program.ts";
import { collectEmbedded, makeScript } from "./script.ts";

const MOD = fileURLToPath(new URL("../../mod.ts", import.meta.url));

/** What bundles the types is a program of its own. */
const TYPES_MAIN = fileURLToPath(new URL("types_main.ts", import.meta.url));

/** The packages that it uses. */
const TYPES_PACKAGES = ["rolldown", "rolldown-plugin-dts"] as const;

/**
 * Makes `mod.js` and `mod.d.ts` in `folder`, out of the sources of a checkout. Written aside and renamed.
 *
 * @throws {Error} if they cannot be bundled.
 */
export async function makeModule(folder: string): Promise<void> {
  const deno = Deno.execPath();
  await using scratch = await scratchFolder();
  const types = await bundleTypes(deno, scratch.path);
  const carried = await collectEmbedded(deno, "module");
  const script = await makeScript({ deno, folder: scratch.path, carried, minify: true });
  for (const [name, text] of [["mod.d.ts", types], ["mod.js", MODULE_HEAD + script]] as const) {
    await writeAside(`${folder}/${name}`, async (aside) => await Deno.writeTextFile(aside, text));
  }
}

/** The declarations of all that `mod.ts` exports, as one module of them. */
async function bundleTypes(deno: string, scratch: string): Promise<string> {
  const lock = await lockOption(scratch, TYPES_PACKAGES);
  const flags = ["-A", "--quiet", "--no-check", "--no-config", "--node-modules-dir=none", lock];
  const run = await runDeno(deno, ["run", ...flags, TYPES_MAIN, MOD]);
  if (run.success) return run.stdout;
  throw new Error(`cannot bundle the types: ${denoError(run.stderr)}`);
}
