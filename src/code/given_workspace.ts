// Reads the files that are given to code, to unpack them in the guest and to tell them from
// outputs.

import { createHash } from "node:crypto";
import { faultOf } from "../host/fault.ts";
import { readGivenFile, requireGivenFile } from "../host/given_file.ts";
import type { ManifestEntry } from "../images/manifest.ts";
import type { Owner } from "../machine/protocol.ts";
import type { GuestFile } from "../vm/guest_dialog.ts";
import type { Lower } from "../workspace/lower.ts";
import { WORKSPACE } from "../workspace/workspace_layout.ts";
import { manifestLower } from "./manifest_lower.ts";
import { guestPath, type RunCodeOptions } from "./run_options.ts";

/** The mode of files that are given as bytes. */
const MODE = 0o644;
const FOLDER_MODE = 0o755;

/** Reads the files. @throws {Error} if one cannot be read. */
export async function readGiven(files: RunCodeOptions["files"] = {}): Promise<GuestFile[]> {
  return await Promise.all(
    Object.entries(files).map(async ([path, file]) => {
      if (typeof file !== "string") return { path: guestPath(path), mode: MODE, content: file };
      const { mode, content } = await readFile(file).catch((error) => {
        throw notGiven(file, error);
      });
      return { path: guestPath(path), mode: (mode ?? MODE) & 0o777, content };
    }),
  );
}

/** Checks that the files exist. @throws {Error} if one does not, or is not a file. */
export async function checkGiven(files: RunCodeOptions["files"] = {}): Promise<void> {
  for (const file of Object.values(files)) {
    if (typeof file !== "string") continue;
    await requireGivenFile(file).catch((error) => {
      throw notGiven(file, error);
    });
  }
}

function notGiven(file: string, cause: unknown): Error {
  const what = `cannot give the code the file ${JSON.stringify(file)}`;
  return new Error(`${what}: ${faultOf(cause)}`, { cause });
}

async function readFile(path: string) {
  const { mode } = await Deno.stat(path);
  return { mode, content: await readGivenFile(path) };
}

/** Returns the entries of `/workspace` and the folder itself; all have one owner. */
export function givenLower(files: readonly GuestFile[], { uid, gid }: Owner): Lower {
  const entries = new Map<string, ManifestEntry>();
  const owner = { uid, gid };
  entries.set(WORKSPACE, { path: WORKSPACE, kind: "directory", mode: FOLDER_MODE, ...owner });
  for (const { path, mode, content } of files) {
    for (let end = path.lastIndexOf("/"); end > WORKSPACE.length;) {
      const folder = path.slice(0, end);
      entries.set(folder, { path: folder, kind: "directory", mode: FOLDER_MODE, ...owner });
      end = path.lastIndexOf("/", end - 1);
    }
    const sha256 = createHash("sha256").update(content).digest("hex");
    entries.set(path, { path, kind: "file", mode, ...owner, size: content.length, sha256 });
  }
  return manifestLower(entries.values());
}
