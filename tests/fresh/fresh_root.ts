// A fresh machine in a folder: a minimal Debian with Node.js, npm and apt, and nothing else.

import { existsSync } from "node:fs";
import { cmd } from "../../mod.ts";
import { networkVariables } from "../harness/network_variables.ts";
import { show } from "../harness/show.ts";
import { copyNode } from "./node.ts";

/**
 * A constant program: `sh -c ENTER sh ROOT CMD ARG...` runs a command in a root, with mounts and processes of
 * its own, which are gone when it ends.
 */
const ENTER = `set -e
root=$1
shift
mount --make-rprivate /
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
exec chroot "$root" "$@"
`;

/** A root that is removed when it is disposed. */
export interface FreshRoot extends AsyncDisposable {
  readonly path: string;
}

/** Makes a root, as root of a Debian. @throws {Error} if it cannot be made. */
export async function makeFreshRoot(): Promise<FreshRoot> {
  const path = await Deno.makeTempDir({ prefix: "execvm-fresh-" });
  const root = {
    path,
    [Symbol.asyncDispose]: () => cmd("rm", "-rf", "--one-file-system", path).run().then(() => {}),
  };
  try {
    await Deno.chmod(path, 0o755);
    const include = "--include=ca-certificates";
    await cmd("mmdebstrap", "--quiet", "--variant=apt", include, await suite(), path).run();
    await copyNode(path);
    await copyNetwork(path);
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
  const start = ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh", root.path];
  const inFolder = ["env", `--chdir=${folder}`, ...argv];
  const child = new Deno.Command("unshare", {
    args: [...start, ...inFolder],
    clearEnv: true,
    // A variable that names a file names it in the root too.
    env: { ...networkVariables(Deno.env.toObject()), ...HOME },
    stdin: "null",
  }).spawn();
  return (await child.status).success;
}

const HOME = {
  HOME: "/root",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
  CI: "true",
  NO_COLOR: "1",
} as const;

/** What of this machine says how the network is reached. */
async function copyNetwork(root: string): Promise<void> {
  const certificates = "/etc/ssl/certs/ca-certificates.crt";
  for (const path of ["/etc/resolv.conf", "/etc/hosts", certificates]) {
    if (!existsSync(path)) continue;
    await Deno.remove(root + path).catch(() => {}); // it may be a link
    await Deno.writeFile(root + path, await Deno.readFile(path));
  }
}

/** The release of this machine, so that its node has the libraries it needs. */
async function suite(): Promise<string> {
  const text = await Deno.readTextFile("/etc/os-release");
  const codename = /^VERSION_CODENAME=(\S+)$/m.exec(text)?.[1];
  if (/^ID=debian$/m.test(text) && codename !== undefined) return codename;
  throw new Error("Cannot make a fresh machine as this one is no Debian");
}
