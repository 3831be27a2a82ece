// A Debian in a folder, and commands in it, as on a machine of its own.

import { existsSync } from "node:fs";
import { runTool } from "../../src/host/run_tool.ts";
import { scratchFolder } from "../../src/host/scratch_folder.ts";
import { networkVariables } from "./network_variables.ts";

/** A Debian to be made. */
export interface DebianSpec {
  /** Its release: `trixie`. */
  readonly suite: string;
  /** What of it: mmdebstrap(1), --variant. */
  readonly variant: "apt" | "minbase";
}

/** A root in which commands are run. */
export interface DebianRoot {
  /** The folder that they see as `/`. */
  readonly path: string;
  /** Where it is put together: what is written goes to `upper`, and `lower` stays as it is. @default it is as it is */
  readonly overlay?: { readonly lower: string; readonly upper: string; readonly work: string };
  /** Files and folders of this machine, by where they are seen there. @default none */
  readonly binds?: Readonly<Record<string, string>>;
}

/**
 * A constant program: `sh -c ENTER sh ROOT OVERLAY [HERE THERE]... -- CMD ARG...` runs a command in a root, with
 * mounts and processes of its own, which are gone when it ends.
 */
const ENTER = `set -e
root=$1 overlay=$2
shift 2
mount --make-rprivate /
[ -z "$overlay" ] || mount -t overlay overlay -o "$overlay" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
while [ "$1" != -- ]; do
  mount --bind "$1" "$root$2"
  shift 2
done
shift
exec chroot "$root" "$@"
`;

const HOME = {
  HOME: "/root",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
  CI: "true",
  NO_COLOR: "1",
} as const;

/**
 * Makes one in an empty folder, which reaches the network as this machine does. As root, on a Debian.
 *
 * @throws {Error} if it cannot be made.
 */
export async function makeDebian(path: string, { suite, variant }: DebianSpec): Promise<void> {
  await Deno.chmod(path, 0o755);
  await runMmdebstrap(path, { suite, variant, include: ["ca-certificates"] });
  const certificates = "/etc/ssl/certs/ca-certificates.crt";
  for (const name of ["/etc/resolv.conf", "/etc/hosts", certificates]) {
    if (!existsSync(name)) continue;
    await Deno.remove(path + name).catch(() => {}); // it may be a link
    await Deno.writeFile(path + name, await Deno.readFile(name));
  }
}

/**
 * Has mmdebstrap make a Debian in a folder that is empty or missing. It has mounts and processes of its own, so
 * that nothing is left mounted below the folder when we are ended meanwhile. As root, on a Debian.
 *
 * @throws {Error} if it fails; with the end of what it said.
 */
export async function runMmdebstrap(
  path: string,
  { suite, variant, include }: DebianSpec & { readonly include: readonly string[] },
): Promise<void> {
  await using tmp = await scratchFolder(); // what it leaves there when it is ended goes too
  const argv = [
    ...["--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "--mount-proc"],
    ...["mmdebstrap", "--quiet", `--variant=${variant}`, `--include=${include.join(",")}`],
    '--aptopt=Acquire::Check-Valid-Until "false"', // of a mirror that is behind
    ...[suite, path],
  ];
  await runTool(["unshare", ...argv], { env: { TMPDIR: tmp.path } });
}

/** Starts a command in a folder of a root, as its user would. */
export function spawnIn(
  { path, overlay, binds = {} }: DebianRoot,
  folder: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Deno.ChildProcess {
  const layers = overlay === undefined
    ? ""
    : `lowerdir=${overlay.lower},upperdir=${overlay.upper},workdir=${overlay.work}`;
  const mounts = Object.entries(binds).flatMap(([there, here]) => [here, there]);
  const start = ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh"];
  return new Deno.Command("unshare", {
    args: [...start, path, layers, ...mounts, "--", "env", `--chdir=${folder}`, ...argv],
    clearEnv: true,
    // A variable that names a file names it in the root too.
    env: { ...networkVariables(Deno.env.toObject()), ...HOME, ...env },
    stdin: "null",
  }).spawn();
}
