/** Helpers of the tests of workspaces. */

import type { Ext4 } from "../../src/ext4/ext4.ts";
import type { Artifact } from "../../src/workspace/artifact.ts";
import type { IndexLine } from "../../src/workspace/index_lower.ts";
import type { Lower } from "../../src/workspace/lower.ts";
import { debugfs, makeImage, open } from "../ext4/fixture.ts";

/** How to make the disk of a run. */
interface WorkspaceOptions {
  /** Commands of debugfs, such as for the marks of overlayfs. */
  readonly commands?: readonly string[];
  /** More options for mke2fs. */
  readonly options?: readonly string[];
  readonly mib?: number;
  /** Changes the bytes of the image at the end. */
  readonly edit?: (image: Uint8Array) => void;
}

/** The disk of a run, with folders that `build` fills. */
export async function makeWorkspace(
  build: (folders: { upper: string; workspace: string }) => Promise<void> | void,
  { commands = [], options = [], mib = 32, edit = () => {} }: WorkspaceOptions = {},
): Promise<Ext4> {
  const made = await makeImage(async (folder) => {
    const folders = { upper: `${folder}/upper`, workspace: `${folder}/upper/workspace` };
    Deno.mkdirSync(folders.upper);
    Deno.mkdirSync(folders.workspace);
    await build(folders);
  }, { options, mib });
  const image = commands.length === 0 ? made : await debugfs(made, commands);
  edit(image);
  return open(image);
}

/** A line for each artifact with its change, kind and path. */
export function summary(artifacts: readonly Artifact[]): string[] {
  return artifacts.map(({ path, change, kind }) => `${change} ${kind} ${path}`);
}

/** The index of all files in another lower. */
export async function indexOf(lower: Lower): Promise<string> {
  const lines: string[] = [];
  const visit = async (directory: string): Promise<void> => {
    for (const name of lower.list(directory)) {
      const path = `${directory === "/" ? "" : directory}/${name}`;
      const entry = lower.lookup(path)!;
      const sha256 = await lower.sha256(path);
      const line: IndexLine = { path, ...entry, ...(sha256 !== undefined && { sha256 }) };
      lines.push(JSON.stringify(line));
      await visit(path);
    }
  };
  await visit("/");
  return lines.join("\n");
}
