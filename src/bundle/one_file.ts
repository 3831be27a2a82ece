// Makes execvm as one file, which embeds what it needs of its sources.

import type { DenoPlaces } from "../../guest-build/denort.ts";
import { tryCompile } from "../../guest-build/run_deno.ts";
import { scratchFolder } from "../host/scratch_folder.ts";
import { writeAside } from "../host/write_aside.ts";
import { collectEmbedded, makeScript } from "./script.ts";

const SHEBANG = "#!/usr/bin/env -S deno run -A --quiet --no-config --no-lock\n";

/**
 * Started as the first process of a guest, a compiled execvm is the guest: `guest-build/stage.ts`
 * sets the variable.
 */
const DISPATCH =
  `if (Deno.pid === 1 && Deno.env.get("EXECVM_GUEST") === "1") await import('./guest.js');
else await import('./execvm.js');
`;

/** The result of {@linkcode makeOneFile}. */
export interface OneFile {
  /** A compiled file needs nothing else; a script needs Deno. */
  readonly kind: "compiled" | "script";
  /** Why it is not compiled, as a clause. */
  readonly reason?: string;
}

/**
 * Makes one executable file of these sources: compiled if possible, else a script that needs Deno.
 * Written aside and renamed.
 *
 * @throws {Error} if it cannot be bundled, or cannot be compiled although there is a denort, or for
 * `places.target`.
 */
export async function makeOneFile(output: string, places: DenoPlaces = {}): Promise<OneFile> {
  const deno = places.deno ?? Deno.execPath();
  await using folder = await scratchFolder();
  const carried = await collectEmbedded(deno, "program");
  const script = await makeScript({ deno, folder: folder.path, carried });
  const entry = await writeModules(folder.path, script, carried.guest);
  const compiled = `${folder.path}/execvm`;
  const flags = places.target === undefined ? [] : ["--target", places.target];
  const reason = await tryCompile({ entry, output: compiled, flags, what: "execvm" }, places);
  if (reason !== undefined && places.target !== undefined) {
    throw new Error(`cannot compile for ${places.target}: ${reason}`);
  }
  await writeAside(output, async (aside) => {
    if (reason === undefined) await Deno.copyFile(compiled, aside);
    else await Deno.writeTextFile(aside, SHEBANG + script);
    await Deno.chmod(aside, 0o755);
  });
  return reason === undefined ? { kind: "compiled" } : { kind: "script", reason };
}

/**
 * Makes one minified script of these sources, which starts quickly. Written aside and renamed.
 *
 * @throws {Error} if it cannot be bundled.
 */
export async function makeQuickScript(output: string): Promise<void> {
  const deno = Deno.execPath();
  await using folder = await scratchFolder();
  const carried = await collectEmbedded(deno, "program");
  const script = await makeScript({ deno, folder: folder.path, carried, minify: true });
  await writeAside(output, async (aside) => await Deno.writeTextFile(aside, SHEBANG + script));
}

/** Writes what is compiled; the path of its main module. */
async function writeModules(folder: string, script: string, guest: string): Promise<string> {
  await Deno.writeTextFile(`${folder}/execvm.js`, script);
  await Deno.writeTextFile(`${folder}/guest.js`, guest);
  await Deno.writeTextFile(`${folder}/main.js`, DISPATCH);
  return `${folder}/main.js`;
}
