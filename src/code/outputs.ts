// What code left behind, read from its disk on this machine once the guest is gone.

import { type Ext4, openExt4 } from "../ext4/ext4.ts";
import { fileSource } from "../ext4/source.ts";
import { killWithUs } from "../host/watchdog.ts";
import { writeAside } from "../host/write_aside.ts";
import { messageOf } from "../model/errors.ts";
import type { Image } from "../prepare/image.ts";
import { archiveChanges, type LeftOut } from "../workspace/archive_changes.ts";
import type { Artifact } from "../workspace/artifact.ts";
import { Ext4Tree } from "../workspace/ext4_tree.ts";
import { extractChanges } from "../workspace/extract_changes.ts";
import { type Lower, NOTHING } from "../workspace/lower.ts";
import { pathFilter } from "../workspace/path_filter.ts";
import { workspaceChanges } from "../workspace/workspace_changes.ts";
import { UPPER } from "../workspace/workspace_layout.ts";
import type { CodeOutputs } from "./code_result.ts";
import { imageLower } from "./manifest_lower.ts";
import { CODE_DEFAULTS, type RunCodeOptions } from "./run_options.ts";

/** What the guest makes itself in a root that has none of them. */
const GUEST_FOLDERS = ["/dev", "/proc", "/run", "/sys", "/tmp", "/workspace"];
const RESOLVER = "/etc/resolv.conf";

/** Where outputs come from. */
export interface OutputSource {
  readonly image: Image;
  /** Path of the disk. */
  readonly disk: string;
  /** What was in `/workspace` before. */
  readonly given: Lower;
}

/** When nobody asks for any. */
export const NO_OUTPUTS: CodeOutputs = {
  outputsDir: null,
  outputsTar: null,
  artifacts: [],
  leftOut: [],
  outputsTruncated: false,
  outputsFailure: null,
};

/**
 * Takes the outputs out: into a folder, unless a tar is all that is asked for. A disk that the code has
 * damaged is no error: the outputs say so.
 *
 * @throws {Error} if this machine refuses the folder. @throws the reason of `options.signal`.
 */
export async function takeOutputs(
  source: OutputSource,
  options: RunCodeOptions,
): Promise<CodeOutputs> {
  const { output = CODE_DEFAULTS.output, outputsTar = null, signal } = options;
  if (output === "none") return NO_OUTPUTS;
  const isFolder = outputsTar === null || options.outputsDir !== undefined;
  const outputsDir = isFolder ? await makeFolder(options.outputsDir) : null;
  using file = Deno.openSync(source.disk);
  const open = () => openExt4(fileSource("the workspace", file));
  try {
    const { artifacts, truncated } = await changes(open(), source, options);
    const limits = signal === undefined ? {} : { signal };
    let leftOut: readonly LeftOut[] = [];
    if (outputsTar !== null) {
      const { archive, ...packed } = archiveChanges(open(), artifacts, limits);
      await writeAside(outputsTar, (aside) => writeNew(aside, archive));
      leftOut = packed.leftOut;
    }
    if (outputsDir !== null) {
      const onStaging = (path: string) => killWithUs({ path });
      const files = `${outputsDir}/files`;
      ({ leftOut } = await extractChanges(open(), artifacts, files, { ...limits, onStaging }));
      const manifest = JSON.stringify({ artifacts, leftOut, truncated }, null, 2);
      await Deno.writeTextFile(`${outputsDir}/manifest.json`, manifest);
    }
    const found = { artifacts, leftOut, outputsTruncated: truncated, outputsFailure: null };
    return { outputsDir, outputsTar, ...found };
  } catch (error) {
    signal?.throwIfAborted();
    // Whatever else it is, it was the code that wrote it.
    return { ...NO_OUTPUTS, outputsDir, outputsFailure: messageOf(error) };
  }
}

async function writeNew(path: string, bytes: ReadableStream<Uint8Array>): Promise<void> {
  await bytes.pipeTo((await Deno.open(path, { createNew: true, write: true })).writable);
}

async function changes(
  disk: Ext4,
  { image, given }: OutputSource,
  { output, paths, network, signal }: RunCodeOptions,
): Promise<{ readonly artifacts: readonly Artifact[]; readonly truncated: boolean }> {
  const before = isUntouched(disk) ? NOTHING : await imageLower(image.path);
  const { artifacts, truncated } = await workspaceChanges(disk, {
    image: before,
    given: output === "all" || output === "paths" ? NOTHING : given,
    ...(signal !== undefined && { signal }),
  });
  const isWanted = output === "paths" ? pathFilter(paths ?? []) : () => true;
  const isOwn = ({ path, kind, change }: Artifact) =>
    change === "created" && (kind === "directory" && GUEST_FOLDERS.includes(path) ||
      path === RESOLVER && network === "user");
  return {
    artifacts: artifacts.filter((artifact) => !isOwn(artifact) && isWanted(artifact.path)),
    truncated,
  };
}

/** Whether nothing was written to the root, so that the image need not be known. */
function isUntouched(disk: Ext4): boolean {
  const tree = new Ext4Tree(disk, disk.root());
  const upper = tree.find(UPPER);
  if (upper?.kind !== "directory") return false;
  return [...tree.listing(upper).names.keys()].every((name) => GUEST_FOLDERS.includes(`/${name}`));
}

async function makeFolder(wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return await Deno.makeTempDir({ prefix: "execvm-outputs-" });
  await Deno.mkdir(wanted, { recursive: true });
  for await (const { name } of Deno.readDir(wanted)) {
    throw new Error(`Cannot put outputs into ${wanted} as it must be empty: it has ${name}`);
  }
  return await Deno.realPath(wanted);
}
