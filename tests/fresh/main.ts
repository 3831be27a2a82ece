// Runs README's two commands on a fresh machine, the second one with some of the tests; tests/ci.ts
// runs this as root. Exits with 0 if both succeed.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cmd } from "../../mod.ts";
import { readmeCommands } from "../harness/readme_commands.ts";
import { isInstalled } from "../support/tools.ts";
import { type FreshRoot, makeFreshRoot, runIn } from "./fresh_root.ts";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));
const CLONE = "/root/execvm";

/** The tests to run: commands here and in machines, from the sources and as one executable. */
const PATHS = ["run", "code", "initrd"].map((name) => `tests/cli/commands/${name}_test.ts`);

/**
 * The checkout may belong to another user, which git would refuse (git-config(1), safe.directory).
 */
const TRUST = {
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "safe.directory",
  GIT_CONFIG_VALUE_0: "*",
} as const;

await using root = await makeFreshRoot();
await clone(root);
const [demo, test] = readmeCommands().map((line) => line.split(" "));
const succeeded = await runIn(root, CLONE, demo!) &&
  await runIn(root, CLONE, [...test!, ...PATHS]);
Deno.exitCode = succeeded ? 0 : 1;

/** Clones the commit; without a repository, copies the files that would be in it. */
async function clone({ path }: FreshRoot): Promise<void> {
  const target = path + CLONE;
  if (existsSync(`${CHECKOUT}/.git`) && isInstalled("git")) {
    await cmd("git", "clone", "--quiet", "--no-hardlinks", CHECKOUT, target).env(TRUST).run();
  } else await cmd("cp", "-a", CHECKOUT, target).run();
}
