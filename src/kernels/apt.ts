// Packages from the archive of Debian or Ubuntu: found, downloaded and checked; nothing is installed.

import { createHash } from "node:crypto";
import { runTool } from "../host/run_tool.ts";

/** What apt knows of a package. */
export interface AptPackage {
  readonly name: string;
  readonly version: string;
  /** Of the .deb, in hex; from metadata whose signature apt has checked. */
  readonly sha256: string;
  /** Size of the .deb. */
  readonly bytes: number;
  /** Names in its Depends; of alternatives each. */
  readonly depends: readonly string[];
}

/** Whether there is apt on this machine. */
export async function hasApt(): Promise<boolean> {
  return await runTool(["apt-get", "--version"]).then(() => true, () => false);
}

/**
 * The newest version of a package that apt would take, or undefined if it knows none.
 *
 * @param options of apt, as those for another architecture
 */
export async function findPackage(
  name: string,
  options: readonly string[] = [],
): Promise<AptPackage | undefined> {
  try {
    const show = ["show", "--no-all-versions", "--", name];
    const output = await runTool(["apt-cache", ...options, ...show]);
    return parsePackage(new TextDecoder().decode(output));
  } catch {
    return undefined; // apt-cache fails for a name that it does not know
  }
}

/** Reads what `apt-cache show` prints, of which the first paragraph counts. */
export function parsePackage(text: string): AptPackage | undefined {
  const paragraph = text.trim().split(/\n\s*\n/)[0]!;
  const field = (name: string) => new RegExp(`^${name}: *(.+)$`, "m").exec(paragraph)?.[1];
  const [name, version, sha256] = [field("Package"), field("Version"), field("SHA256")];
  if (name === undefined || version === undefined || sha256 === undefined) return undefined;
  const depends = (field("Depends") ?? "").split(/[,|]/).map((word) => /[^\s(:]+/.exec(word)?.[0]);
  return {
    name,
    version,
    sha256: sha256.toLowerCase(),
    bytes: Number(field("Size")),
    depends: depends.filter((word) => word !== undefined),
  };
}

/**
 * Downloads a package into an empty folder of its own, to be made in `folder`, and checks it; the path
 * of the .deb.
 *
 * @param options of apt, with which the package was found
 * @throws {Error} if it cannot be downloaded, or is not what apt's metadata says.
 */
export async function downloadPackage(
  wanted: AptPackage,
  folder: string,
  options: readonly string[] = [],
): Promise<string> {
  const target = `${folder}/${wanted.name}`;
  await Deno.mkdir(target);
  await openToApt(folder);
  await openToApt(target);
  const download = ["download", "-qq", "--", `${wanted.name}=${wanted.version}`];
  await runTool(["apt-get", ...options, ...download], { cwd: target });
  const file = [...Deno.readDirSync(target)].find(({ name }) => name.endsWith(".deb"));
  if (file === undefined) throw new Error(`apt-get download gave no file for ${wanted.name}`);
  const path = `${target}/${file.name}`;
  const sha256 = createHash("sha256").update(await Deno.readFile(path)).digest("hex");
  if (sha256 === wanted.sha256) return path;
  throw new Error(`the sha256 of ${file.name} is ${sha256} in place of ${wanted.sha256}`);
}

/**
 * As root apt-get downloads with the rights of the user _apt, who must be able to write here. Nobody
 * else may: what is checked is what is unpacked.
 */
export async function openToApt(folder: string): Promise<void> {
  if (Deno.uid() !== 0) return;
  const line = /^_apt:[^:]*:(\d+):(\d+):/m.exec(await Deno.readTextFile("/etc/passwd"));
  if (line !== null) await Deno.chown(folder, Number(line[1]), Number(line[2]));
}
