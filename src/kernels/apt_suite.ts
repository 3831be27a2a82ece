// Finds the archive of this machine's distribution for another suite of it.

import { runTool } from "../host/run_tool.ts";

/** The keyrings of distributions, by the origin that their archives have. */
const KEYRINGS: Readonly<Record<string, readonly string[]>> = {
  Debian: ["debian-archive-keyring.pgp", "debian-archive-keyring.gpg"],
  Ubuntu: ["ubuntu-archive-keyring.gpg"],
};
const KEYRING_FOLDER = "/usr/share/keyrings";

/**
 * Checks the form of a suite's name.
 *
 * @throws {TypeError} if it is not a name such as `trixie` or `bookworm-backports`.
 */
export function checkSuite(suite: string | undefined): void {
  if (suite === undefined || /^[a-z][a-z0-9.+-]*$/i.test(suite)) return;
  throw new TypeError(`cannot use the suite ${JSON.stringify(suite)}: it is not a name`);
}

/**
 * Returns the line of a sources.list(5) for a suite, from the mirror that this machine's apt uses
 * for its own.
 *
 * @throws {Error} if apt has no source of Debian or Ubuntu.
 */
export async function sourceOfSuite(suite: string): Promise<string> {
  const format = "$(ORIGIN)|$(REPO_URI)|$(RELEASE)";
  const output = await runTool([
    ...["apt-get", "indextargets", "--format", format] as const,
    "Created-By: Packages",
  ]);
  return sourceLine(suite, new TextDecoder().decode(output));
}

/**
 * Like {@linkcode sourceOfSuite}, from the output of apt-get indextargets.
 *
 * @param targets a line of `ORIGIN|REPO_URI|RELEASE` for each index
 */
export function sourceLine(suite: string, targets: string): string {
  const isSecurity = (name: string | undefined) => name?.endsWith("-security") === true;
  const known = targets.split("\n").map((line) => line.split("|"))
    .filter(([origin]) => origin !== undefined && origin in KEYRINGS);
  const found = known.find(([, , release]) => isSecurity(release) === isSecurity(suite));
  const [origin, uri] = found ?? [];
  if (origin === undefined || uri === undefined) {
    const fact = "apt has no index of Debian or Ubuntu here: run apt-get update as root first";
    throw new Error(`cannot use the suite ${suite}: ${fact}`);
  }
  const keyring = KEYRINGS[origin]!.map((name) => `${KEYRING_FOLDER}/${name}`).find(isFile);
  const signed = keyring === undefined ? "" : ` [signed-by=${keyring}]`;
  return `deb${signed} ${uri} ${suite} main\n`;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
