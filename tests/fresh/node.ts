// Copies Node.js and npm of this machine into another root, as an installation of Node.js would
// have them.

import { existsSync } from "node:fs";
import { cmd } from "../../mod.ts";

/** The path of npm below a root. */
const NPM = "usr/lib/node_modules/npm";

/**
 * Copies node and npm to a Debian without them, into its PATH.
 *
 * @throws {Error} if this machine has none.
 */
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

/**
 * Returns the folder of npm, which must have all that npm needs, from its command,
 * `npm/bin/npm-cli.js`.
 */
function packageOf(command: string): string {
  const folder = command.replace(/\/bin\/[^/]+$/, "");
  if (existsSync(`${folder}/node_modules`)) return folder;
  throw new Error(`cannot copy the npm of ${folder}: what it needs is elsewhere`);
}

async function which(program: string): Promise<string> {
  return await cmd("sh", "-c", 'command -v "$1"', "sh", program).text();
}
