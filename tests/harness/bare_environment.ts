// Makes the environment of a user who has Node.js and npm, but neither Deno nor any files of
// execvm.

import { existsSync } from "node:fs";
import { networkVariables } from "./network_variables.ts";

/**
 * Variables that name folders outside of HOME, or are settings of the npx or the tests that started
 * us.
 */
const DROPPED =
  /^(npm_|deno_|xdg_(cache|config|data|state)_home$|execvm_cache$|execvm_test_|init_cwd$)/i;

/**
 * The modes of the home, which no other user may enter, and of folders that every user may enter.
 */
const CLOSED = 0o700;
const OPEN = 0o755;

/**
 * Makes a home of mode 0700 and an empty npm prefix in `folder`, and returns the environment that
 * uses them. It has no `deno` in PATH: a folder of PATH with one is replaced by links to everything
 * else in it. npm's configuration and network settings are kept.
 *
 * @param folder must be enterable by every user, because some programs in PATH are started as
 * nobody
 */
export function makeBareEnvironment(
  environment: Readonly<Record<string, string>>,
  folder: string,
): Record<string, string> {
  const home = `${folder}/home`;
  makeFolder(home, CLOSED);
  linkNpmrc(environment, home);
  makeFolder(`${folder}/prefix`, OPEN);
  makeFolder(`${folder}/prefix/lib`, OPEN); // npx fails without it
  const kept = Object.entries(environment).filter(([name]) => !DROPPED.test(name));
  return {
    ...Object.fromEntries(kept),
    ...networkVariables(environment),
    HOME: home,
    PATH: pathWithoutDeno(environment["PATH"] ?? "", folder),
    npm_config_prefix: `${folder}/prefix`, // npx would take a Deno that is installed globally
    npm_config_cache: `${home}/.npm`, // npx keeps Deno there
    npm_config_update_notifier: "false",
  };
}

/** Links npm's configuration, which may name the registry. */
function linkNpmrc(environment: Readonly<Record<string, string>>, home: string): void {
  const npmrc = environment["npm_config_userconfig"] ?? `${environment["HOME"] ?? ""}/.npmrc`;
  if (existsSync(npmrc)) Deno.symlinkSync(Deno.realPathSync(npmrc), `${home}/.npmrc`);
}

function pathWithoutDeno(path: string, folder: string): string {
  const folders = path.split(":").filter((it) => it.startsWith("/") && existsSync(it));
  return folders.flatMap((from, index) => {
    if (!existsSync(`${from}/deno`)) return [from];
    const to = `${folder}/bin-${index}`;
    makeFolder(to, OPEN);
    const names = [...Deno.readDirSync(from)].map(({ name }) => name).filter((it) => it !== "deno");
    for (const name of names) Deno.symlinkSync(`${from}/${name}`, `${to}/${name}`);
    return names.length === 0 ? [] : [to];
  }).join(":");
}

function makeFolder(path: string, mode: number): void {
  Deno.mkdirSync(path);
  Deno.chmodSync(path, mode); // whatever the umask is
}
