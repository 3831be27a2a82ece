// Makes a fresh machine in a folder: a minimal Debian with only Node.js, npm and apt.

import { cmd } from "../../mod.ts";
import { type DebianRoot, makeDebian, spawnIn } from "../harness/debian_root.ts";
import { show } from "../harness/show.ts";
import { copyNode } from "./node.ts";

/** A root. Disposing it removes it. */
export interface FreshRoot extends DebianRoot, AsyncDisposable {}

/** Makes a root. Requires root on a Debian. @throws {Error} if that fails. */
export async function makeFreshRoot(): Promise<FreshRoot> {
  const path = await Deno.makeTempDir({ prefix: "execvm-fresh-" });
  const root = {
    path,
    [Symbol.asyncDispose]: () => cmd("rm", "-rf", "--one-file-system", path).run().then(() => {}),
  };
  try {
    await makeDebian(path, { suite: await suite(), variant: "apt" });
    await copyNode(path);
    return root;
  } catch (error) {
    await root[Symbol.asyncDispose]();
    throw error;
  }
}

/** Runs a command in a folder of a root, as its user would; returns whether it succeeded. */
export async function runIn(
  root: FreshRoot,
  folder: string,
  argv: readonly string[],
): Promise<boolean> {
  show(`\n$ ${argv.join(" ")}`);
  return (await spawnIn(root, folder, argv).status).success;
}

/** Returns the release of this machine; the same is needed for the libraries of its node. */
async function suite(): Promise<string> {
  const text = await Deno.readTextFile("/etc/os-release");
  const codename = /^VERSION_CODENAME=(\S+)$/m.exec(text)?.[1];
  if (/^ID=debian$/m.test(text) && codename !== undefined) return codename;
  throw new Error("cannot make a fresh machine: this one is not a Debian");
}
