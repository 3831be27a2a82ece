// Detects what this program is: execvm itself in one of its forms, or another program that
// includes it.

import { createHash } from "node:crypto";
import { readCachedModule } from "./deno_cache.ts";
import { embedded } from "./embedded.ts";

/** The path of this module in the sources; in a bundle it is part of the program. */
const SOURCE = /\/src\/self\/own_form\.ts$/;

/** How the bundled module starts: where its types are, and the hash of everything that follows. */
const HEAD = /^\/\/ @ts-self-types="\.\/mod\.d\.ts"\n\/\/ execvm \S+, sha256 ([0-9a-f]{64})\n/;

/**
 * The form in which execvm can be started again: a compiled binary, a script that needs Deno, the
 * bundled module, or its sources.
 */
export type OwnForm = "binary" | "script" | "module" | "sources";

let form: { readonly is: OwnForm | undefined } | undefined;

/**
 * Returns the form of the running execvm. Undefined if it is part of another program, compiled or
 * bundled: to start that again would run the other program.
 */
export function ownForm(): OwnForm | undefined {
  form ??= { is: findForm() };
  return form.is;
}

function findForm(): OwnForm | undefined {
  const carried = embedded()?.form;
  if (Deno.build.standalone) return carried === "program" ? "binary" : undefined;
  if (carried === "program") return "script";
  if (carried === "module") return readOwnModule() === undefined ? undefined : "module";
  return SOURCE.test(import.meta.url) ? "sources" : undefined;
}

/** Returns the text of a bundled module: `code` behind a head by which it recognizes itself. */
export function signModule(code: string, version: string): string {
  return `// @ts-self-types="./mod.d.ts"\n// execvm ${version}, sha256 ${hashOf(code)}\n${code}`;
}

/**
 * Returns the text of the bundled module that this is, which may come from a server. Undefined if
 * another program was made of it, or it cannot be read.
 */
export function readOwnModule(): string | undefined {
  const here = new URL(import.meta.url);
  try {
    const text = here.protocol === "file:" ? Deno.readTextFileSync(here) : readCachedModule(here);
    const head = HEAD.exec(text ?? "");
    return head !== null && hashOf(text!.slice(head[0].length)) === head[1] ? text : undefined;
  } catch {
    return undefined; // no permission
  }
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
