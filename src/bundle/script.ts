// Makes scripts that contain all of execvm, including what it otherwise reads from its sources.

import { bundle, installPackages } from "../../guest-build/bundle.ts";
import { bundleGuest } from "../../guest-build/guest_program.ts";
import { hashSources } from "../../guest-build/sources.ts";
import { kernelFragments } from "../kernels/fragments.ts";
import { messageOf } from "../model/errors.ts";
import type { Embedded } from "../self/embedded.ts";
import { findCommit } from "../self/version.ts";

const HERE = import.meta.url;

/** What the command line and the module import from npm. */
export const PACKAGES = [
  "@modelcontextprotocol/server",
  "@opentelemetry/api",
  "@stricli/core",
  "linkedom",
  "zod",
] as const;

/** Options of {@linkcode makeScript}. */
export interface ScriptRequest {
  /** The Deno that bundles. */
  readonly deno: string;
  /** An empty folder for intermediate files. */
  readonly folder: string;
  readonly carried: Embedded;
  readonly minify?: boolean;
}

/** Collects the data that a script of these sources embeds. @throws {Error} if the guest cannot be bundled. */
export async function collectEmbedded(deno: string, form: Embedded["form"]): Promise<Embedded> {
  const commit = await findCommit();
  return {
    form,
    ...(commit !== undefined && { commit }),
    guest: await bundleGuest(deno),
    sourcesHash: await hashSources(),
    kernelConfigs: await kernelFragments(),
  };
}

/**
 * Returns the text of a script with the embedded data: the command line, or a module that is the
 * command line as well where it is the main module.
 *
 * @throws {Error} if it cannot be bundled.
 */
export async function makeScript(
  { deno, folder, carried, minify = false }: ScriptRequest,
): Promise<string> {
  const entry = `${folder}/entry.ts`;
  await Deno.writeTextFile(`${folder}/carried.json`, JSON.stringify(carried));
  await Deno.writeTextFile(`${folder}/carry.ts`, carry());
  await Deno.writeTextFile(entry, entryOf(carried));
  try {
    await installPackages(deno, { folder, entry, packages: PACKAGES });
    return await bundle(deno, {
      entry,
      minify,
      hasNames: carried.form === "module",
      packages: folder,
    });
  } catch (error) {
    throw new Error(`cannot bundle execvm: ${messageOf(error)}`, { cause: error });
  }
}

/** A module that sets the embedded data before any other code runs. */
function carry(): string {
  return [
    'import carried from "./carried.json" with { type: "json" };',
    `import { embed } from ${url("../self/embedded.ts")};`,
    `import ${url("../cli/commands/carry_mcp.ts")};`,
    "embed(carried);",
    "",
  ].join("\n");
}

/** The entry point. A module includes the command line, since it may start itself again. */
function entryOf({ form }: Embedded): string {
  const lines = form === "module"
    ? [`export * from ${url("../../mod.ts")};`, `import ${url("../cli/main_of_module.ts")};`]
    : [
      `import { main } from ${url("../cli/app.ts")};`,
      `import { ownArgs } from ${url("../cli/frame/own_args.ts")};`,
      "Deno.exit(await main(ownArgs()));",
    ];
  return ['import "./carry.ts";', ...lines, ""].join("\n");
}

function url(path: string): string {
  return JSON.stringify(new URL(path, HERE).href);
}
