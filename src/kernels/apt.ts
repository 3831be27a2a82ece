// Finds, downloads and checks packages of Debian or Ubuntu without installing them.

import { createHash } from "node:crypto";
import { runTool } from "../host/run_tool.ts";

/** The metadata of a package. */
export interface AptPackage {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the .deb, in hex; from metadata whose signature apt has checked. */
  readonly sha256: string;
  /** Size of the .deb. */
  readonly bytes: number;
  /** Names in its Depends, with all alternatives. */
  readonly depends: readonly string[];
}

/** Whether this machine has apt. */
export async function hasApt(): Promise<boolean> {
  return await runTool(["apt-get", "--version"]).then(() => true, () => false);
}

/**
 * Returns the version of a package that apt would install, or undefined if apt does not know it.
 *
 * @param options of apt, such as those of `aptFor` for another architecture
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
    return undefined; // apt-cache fails for an unknown name
  }
}

/** Parses the first paragraph of the output of `apt-cache show`. */
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
 * Downloads a package into a new folder in `folder` and checks its hash. Returns the path of the
 * .deb.
 *
 * @param options of apt with which the package was found
 * @param signal ends the download
 * @throws {Error} if it cannot be downloaded, or its hash does not match apt's metadata.
 */
export async function downloadPackage(
  wanted: AptPackage,
  folder: string,
  options: readonly string[] = [],
  signal?: AbortSignal,
): Promise<string> {
  const target = `${folder}/${wanted.name}`;
  await Deno.mkdir(target);
  await openToApt(folder);
  await openToApt(target);
  const download = ["download", "-qq", "--", `${wanted.name}=${wanted.version}`];
  await runTool(["apt-get", ...options, ...download], { cwd: target, signal });
  const file = [...Deno.readDirSync(target)].find(({ name }) => name.endsWith(".deb"));
  if (file === undefined) throw new Error(`apt-get download made no file for ${wanted.name}`);
  const path = `${target}/${file.name}`;
  const sha256 = createHash("sha256").update(await Deno.readFile(path)).digest("hex");
  if (sha256 === wanted.sha256) return path;
  throw new Error(`the sha256 of ${file.name} is ${sha256} in place of ${wanted.sha256}`);
}

/**
 * Gives a folder to the user _apt, as which apt-get downloads when run by root. Others must not be
 * able to write to it: a file must not change between the check and unpacking.
 */
export async function openToApt(folder: string): Promise<void> {
  if (Deno.uid() !== 0) return;
  const line = /^_apt:[^:]*:(\d+):(\d+):/m.exec(await Deno.readTextFile("/etc/passwd"));
  if (line !== null) await Deno.chown(folder, Number(line[1]), Number(line[2]));
}
