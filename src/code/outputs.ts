// Extracts the outputs of code from its disk, on this machine, once the guest has ended.

import { type Ext4, openExt4 } from "../ext4/ext4.ts";
import { fileSource } from "../ext4/source.ts";
import { whereFull } from "../host/fault.ts";
import { killWithUs } from "../host/watchdog.ts";
import { openFileSink } from "../io/file_sink.ts";
import { messageOf } from "../model/errors.ts";
import type { Image } from "../prepare/image.ts";
import { archiveChanges, type LeftOut } from "../workspace/archive_changes.ts";
import type { Artifact } from "../workspace/artifact.ts";
import { Ext4Tree } from "../workspace/ext4_tree.ts";
import { extractChanges } from "../workspace/extract_changes.ts";
import { type Lower, NOTHING } from "../workspace/lower.ts";
import { pathFilter } from "../workspace/path_filter.ts";
import { workspaceChanges } from "../workspace/workspace_changes.ts";
import { TMP, UPPER, WORKSPACE } from "../workspace/workspace_layout.ts";
import type { CodeOutputs } from "../model/code_result.ts";
import { imageLower } from "./manifest_lower.ts";
import {
  isFolder,
  openAskedFolder,
  openTemporaryFolder,
  type OutputsFolder,
} from "./outputs_folder.ts";
import { CODE_DEFAULTS, type RunCodeOptions } from "./run_options.ts";

/** What the guest itself creates on the disk (src/guest/root.ts). */
const GUEST_FOLDERS = [TMP, WORKSPACE];

/** A compiled module; while it is written, a number follows its name. */
const BYTECODE = /\/__pycache__\/[^/]+\.pyc(\.\d+)?$/;

/** The disk that outputs are read from. */
export interface OutputSource {
  readonly image: Image;
  /** Path of the disk. */
  readonly disk: string;
  /** The file of the code, as it was in `/workspace` before the run. */
  readonly code: Lower;
  /** All entries before the run. */
  readonly given: Lower;
}

const NO_OUTPUTS: Omit<CodeOutputs, "outputMode"> = {
  outputsDir: null,
  outputsTar: null,
  artifacts: [],
  leftOut: [],
  outputsTruncated: false,
  outputsFailure: null,
};

/**
 * Extracts the outputs into a folder, or, if only a tar is requested, into that. Failures are not
 * thrown but are part of the result, whether the code has damaged the disk or this machine's disk
 * is full.
 *
 * @throws {unknown} the reason of `options.signal`, if that is aborted.
 */
export async function takeOutputs(
  source: OutputSource,
  options: RunCodeOptions,
): Promise<CodeOutputs> {
  const { output = CODE_DEFAULTS.output, outputsTar = null, signal } = options;
  if (output === "none") return { ...NO_OUTPUTS, outputMode: output };
  using file = Deno.openSync(source.disk);
  const open = () => openExt4(fileSource("the workspace", file));
  const wanted = options.outputsDir;
  let folder: OutputsFolder | undefined;
  try {
    if (typeof wanted === "string") folder = await openAskedFolder(wanted);
    const { artifacts, truncated } = await changes(open(), source, options);
    const limits = signal === undefined ? {} : { signal };
    let leftOut: readonly LeftOut[] = [];
    if (outputsTar !== null) {
      const { archive, ...packed } = archiveChanges(open(), artifacts, limits);
      await writeTar(outputsTar, archive);
      leftOut = packed.leftOut;
    }
    const isMade = artifacts.some(({ change }) => change !== "deleted");
    const isTemporary = wanted === undefined && outputsTar === null;
    if (isTemporary && isMade) folder = await openTemporaryFolder();
    let outputsDir: string | null = null;
    if (folder !== undefined) {
      const onStaging = (path: string) => killWithUs({ path });
      const files = `${folder.path}/files`;
      const extraction = await extractChanges(open(), artifacts, files, { ...limits, onStaging });
      leftOut = extraction.leftOut;
      const manifest = JSON.stringify({ artifacts, leftOut, truncated }, null, 2);
      await Deno.writeTextFile(`${folder.path}/manifest.json`, manifest);
      if (!isTemporary || extraction.extracted > 0) outputsDir = await folder.publish();
    }
    const found = { artifacts, leftOut, outputsTruncated: truncated, outputsFailure: null };
    return { outputMode: output, outputsDir, outputsTar, ...found };
  } catch (error) {
    signal?.throwIfAborted();
    // A failure to read the disk is due to what the code wrote there.
    const isLeft = typeof wanted === "string" && await isFolder(wanted);
    return {
      ...NO_OUTPUTS,
      outputMode: output,
      outputsDir: isLeft ? await Deno.realPath(wanted) : null,
      outputsFailure: messageOf(whereFull(error, placeOf(options))),
    };
  } finally {
    folder?.[Symbol.dispose]();
  }
}

/**
 * Writes a temporary file next to the target, which it then replaces; symlinks are followed,
 * devices written directly.
 */
async function writeTar(path: string, bytes: ReadableStream<Uint8Array>): Promise<void> {
  using sink = await openFileSink(path);
  try {
    await sink.consume(bytes, new AbortController().signal);
    await sink.commit();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

/** Returns where the runtime had no space left to write. */
function placeOf({ outputsDir, outputsTar }: RunCodeOptions): string {
  if (typeof outputsDir === "string") return `below ${JSON.stringify(outputsDir)}`;
  return outputsTar === undefined ? "the outputs" : JSON.stringify(outputsTar);
}

async function changes(
  disk: Ext4,
  { image, code, given }: OutputSource,
  { output, paths = [], signal }: RunCodeOptions,
): Promise<{ readonly artifacts: readonly Artifact[]; readonly truncated: boolean }> {
  const withTmp = paths.some((glob) => glob.startsWith(TMP));
  const before = isUntouched(disk) && !withTmp ? NOTHING : await imageLower(image.path);
  const { artifacts, truncated } = await workspaceChanges(disk, {
    image: before,
    given: output === "all" || output === "paths" ? code : given,
    withTmp,
    ...(signal !== undefined && { signal }),
  });
  const isWanted = output === "paths" ? pathFilter(paths) : () => true;
  const isOwn = (artifact: Artifact) =>
    artifact.change === "created" && artifact.kind === "directory" &&
      GUEST_FOLDERS.includes(artifact.path) ||
    output !== "paths" && isBytecode(artifact);
  return {
    artifacts: artifacts.filter((artifact) => !isOwn(artifact) && isWanted(artifact.path)),
    truncated,
  };
}

/**
 * Returns whether a file is Python's cache of a module; other files in its folder are the code's.
 */
function isBytecode({ path, kind, change }: Artifact): boolean {
  if (change === "deleted") return false;
  return kind === "directory" ? path.endsWith("/__pycache__") : BYTECODE.test(path);
}

/** Returns whether nothing was written to the root, so that the image's manifest is not needed. */
function isUntouched(disk: Ext4): boolean {
  const tree = new Ext4Tree(disk, disk.root());
  const upper = tree.find(UPPER);
  if (upper?.kind !== "directory") return false;
  return [...tree.listing(upper).names.keys()].every((name) => GUEST_FOLDERS.includes(`/${name}`));
}
