// A fresh machine in a folder: a minimal Debian with Node.js, npm and apt, and nothing else.

import { cmd } from "../../mod.ts";
import { type DebianRoot, makeDebian, spawnIn } from "../harness/debian_root.ts";
import { show } from "../harness/show.ts";
import { copyNode } from "./node.ts";

/** A root that is removed when it is disposed. */
export interface FreshRoot extends DebianRoot, AsyncDisposable {}

/** Makes a root, as root of a Debian. @throws {Error} if it cannot be made. */
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

/** Runs a command in a folder of a root, as its user would; whether it succeeded. */
export async function runIn(
  root: FreshRoot,
  folder: string,
  argv: readonly string[],
): Promise<boolean> {
  show(`\n$ ${argv.join(" ")}`);
  return (await spawnIn(root, folder, argv).status).success;
}

/** The release of this machine, so that its node has the libraries it needs. */
async function suite(): Promise<string> {
  const text = await Deno.readTextFile("/etc/os-release");
  const codename = /^VERSION_CODENAME=(\S+)$/m.exec(text)?.[1];
  if (/^ID=debian$/m.test(text) && codename !== undefined) return codename;
  throw new Error("Cannot make a fresh machine as this one is no Debian");
}
