// All of execvm as one file: what it needs of its sources becomes a part of it.

import { bundle, installPackages } from "../../guest-build/bundle.ts";
import type { DenoPlaces } from "../../guest-build/denort.ts";
import { bundleGuest } from "../../guest-build/guest_program.ts";
import { tryCompile } from "../../guest-build/run_deno.ts";
import { hashSources } from "../../guest-build/sources.ts";
import { scratchFolder } from "../host/scratch_folder.ts";
import { writeAside } from "../host/write_aside.ts";
import { kernelFragments } from "../kernels/fragments.ts";
import { messageOf } from "../model/errors.ts";
import type { Embedded } from "../self/embedded.ts";
import { findCommit } from "../self/version.ts";

const HERE = import.meta.url;
const SHEBANG = "#!/usr/bin/env -S deno run -A --quiet --no-config --no-lock\n";

/** A compiled execvm that a guest's kernel starts is the guest: `guest-build/stage.ts` says so. */
const DISPATCH =
  `if (Deno.pid === 1 && Deno.env.get("EXECVM_GUEST") === "1") await import('./guest.js');
else await import('./execvm.js');
`;

/** What came of {@linkcode makeOneFile}. */
export interface OneFile {
  /** Whether it needs Deno: it is a script then. */
  readonly kind: "compiled" | "script";
  /** Why it is not compiled. */
  readonly reason?: string;
}

/**
 * Makes one executable file of these sources: compiled where that can be done, else a script that needs
 * Deno. Written aside and renamed.
 *
 * @throws {Error} if it cannot be bundled, not compiled with the denort that is here, or not compiled for
 *   another target.
 */
export async function makeOneFile(output: string, places: DenoPlaces = {}): Promise<OneFile> {
  const deno = places.deno ?? Deno.execPath();
  await using folder = await scratchFolder();
  const carried = await collectEmbedded(deno);
  const script = await makeScript(deno, { folder: folder.path, carried });
  const entry = await writeModules(folder.path, script, carried.guest);
  const compiled = `${folder.path}/execvm`;
  const flags = places.target === undefined ? [] : ["--target", places.target];
  const reason = await tryCompile({ entry, output: compiled, flags, what: "execvm" }, places);
  if (reason !== undefined && places.target !== undefined) {
    throw new Error(`Cannot compile for ${places.target} as ${reason}`);
  }
  await writeAside(output, async (aside) => {
    if (reason === undefined) await Deno.copyFile(compiled, aside);
    else await Deno.writeTextFile(aside, SHEBANG + script);
    await Deno.chmod(aside, 0o755);
  });
  return reason === undefined ? { kind: "compiled" } : { kind: "script", reason };
}

/**
 * Makes one script of these sources that is to start quickly. Written aside and renamed.
 *
 * @throws {Error} if it cannot be bundled.
 */
export async function makeQuickScript(output: string): Promise<void> {
  const deno = Deno.execPath();
  await using folder = await scratchFolder();
  const carried = await collectEmbedded(deno);
  const script = await makeScript(deno, { folder: folder.path, carried, minify: true });
  await writeAside(output, async (aside) => await Deno.writeTextFile(aside, SHEBANG + script));
}

async function collectEmbedded(deno: string): Promise<Embedded> {
  const commit = await findCommit();
  return {
    ...(commit !== undefined && { commit }),
    guest: await bundleGuest(deno),
    sourcesHash: await hashSources(),
    kernelConfigs: await kernelFragments(),
  };
}

/** What is bundled with the command line, in which folder, and how. */
interface ScriptRequest {
  readonly folder: string;
  readonly carried: Embedded;
  readonly minify?: boolean;
}

/** The command line and what it carries, as one script. */
async function makeScript(
  deno: string,
  { folder, carried, minify = false }: ScriptRequest,
): Promise<string> {
  const entry = `${folder}/entry.ts`;
  await Deno.writeTextFile(`${folder}/carried.json`, JSON.stringify(carried));
  await Deno.writeTextFile(entry, entryModule());
  try {
    await installPackages(deno, folder, entry);
    return await bundle(deno, { entry, minify, packages: folder });
  } catch (error) {
    throw new Error(`Cannot bundle execvm as ${messageOf(error)}`, { cause: error });
  }
}

function entryModule(): string {
  const url = (path: string) => JSON.stringify(new URL(path, HERE).href);
  return [
    'import carried from "./carried.json" with { type: "json" };',
    `import { embed } from ${url("../self/embedded.ts")};`,
    `import { main } from ${url("../cli/app.ts")};`,
    `import { ownArgs } from ${url("../cli/frame/own_args.ts")};`,
    `import ${url("../cli/commands/carry_mcp.ts")};`,
    "embed(carried);",
    "Deno.exit(await main(ownArgs()));",
    "",
  ].join("\n");
}

/** Writes what is compiled; the path of its main module. */
async function writeModules(folder: string, script: string, guest: string): Promise<string> {
  await Deno.writeTextFile(`${folder}/execvm.js`, script);
  await Deno.writeTextFile(`${folder}/guest.js`, guest);
  await Deno.writeTextFile(`${folder}/main.js`, DISPATCH);
  return `${folder}/main.js`;
}
