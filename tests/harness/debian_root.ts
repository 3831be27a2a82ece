// Makes a Debian in a folder and runs commands in it, as on a separate machine.

import { existsSync } from "node:fs";
import { runTool } from "../../src/host/run_tool.ts";
import { scratchFolder } from "../../src/host/scratch_folder.ts";
import { networkVariables } from "./network_variables.ts";

/** The Debian to make. */
export interface DebianSpec {
  /** Its release: `trixie`. */
  readonly suite: string;
  /** Its set of packages: mmdebstrap(1), --variant. */
  readonly variant: "apt" | "minbase";
}

/** A root in which commands run. */
export interface DebianRoot {
  /** The folder that they see as `/`. */
  readonly path: string;
  /**
   * An overlay: writes go to `upper`, and `lower` is not changed.
   *
   * @default the folder itself is written to
   */
  readonly overlay?: { readonly lower: string; readonly upper: string; readonly work: string };
  /** Files and folders of this machine, by their paths in the root. @default none */
  readonly binds?: Readonly<Record<string, string>>;
}

/**
 * A constant program: `sh -c ENTER sh ROOT OVERLAY [HERE THERE]... -- CMD ARG...` runs a command in
 * a root, in its own mount and pid namespaces, which end with it.
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
 * Makes a root in an empty folder; it uses the network like this machine. Requires root on a
 * Debian.
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
 * Makes a Debian with mmdebstrap in a folder that is empty or does not exist. mmdebstrap runs in
 * its own mount and pid namespaces, so that nothing stays mounted below the folder if we are
 * killed. Requires root on a Debian.
 *
 * @throws {Error} with the end of its output, if it fails.
 */
export async function runMmdebstrap(
  path: string,
  { suite, variant, include }: DebianSpec & { readonly include: readonly string[] },
): Promise<void> {
  await using tmp = await scratchFolder(); // it may leave files there when killed
  const argv = [
    ...["--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "--mount-proc"],
    ...["mmdebstrap", "--quiet", `--variant=${variant}`, `--include=${include.join(",")}`],
    '--aptopt=Acquire::Check-Valid-Until "false"', // for an outdated mirror
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
    // A variable with the path of a file applies in the root too.
    env: { ...networkVariables(Deno.env.toObject()), ...HOME, ...env },
    stdin: "null",
  }).spawn();
}
