// Node.js and npm of this machine, put into another root, as who installs Node.js has them.

import { existsSync } from "node:fs";
import { cmd } from "../../mod.ts";

/** Where npm is, below a root. */
const NPM = "usr/lib/node_modules/npm";

/** Copies node and npm to where a Debian that has nothing of them finds them. @throws {Error} if they are not here. */
export async function copyNode(root: string): Promise<void> {
  const node = await Deno.realPath(await which("node"));
  const npm = packageOf(await Deno.realPath(await which("npm")));
  await Deno.copyFile(node, `${root}/usr/bin/node`);
  await cmd("mkdir", "-p", `${root}/${NPM}`).run();
  await cmd("cp", "-a", `${npm}/.`, `${root}/${NPM}`).run();
  for (const name of ["npm", "npx"]) {
    await Deno.symlink(`/${NPM}/bin/${name}-cli.js`, `${root}/usr/bin/${name}`);
  }
}

/** The folder of npm, which has all in it that npm needs, by its command: `npm/bin/npm-cli.js`. */
function packageOf(command: string): string {
  const folder = command.replace(/\/bin\/[^/]+$/, "");
  if (existsSync(`${folder}/node_modules`)) return folder;
  throw new Error(`Cannot copy the npm of ${folder} as what it needs is elsewhere`);
}

async function which(program: string): Promise<string> {
  return await cmd("sh", "-c", 'command -v "$1"', "sh", program).text();
}
