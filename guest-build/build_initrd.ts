// Builds the initrd of a guest, with execvm's own blocks.

import { bytes, file, tar } from "../src/blocks/sources.ts";
import { cpio, gunzip } from "../src/blocks/transforms.ts";
import { hashFile } from "../src/host/hash_file.ts";
import { scratchFolder } from "../src/host/scratch_folder.ts";
import { writeAside } from "../src/host/write_aside.ts";
import { appletsOf } from "./busybox.ts";
import { gatherParts, type PartsOptions } from "./guest_parts.ts";
import type { GuestProgram } from "./guest_program.ts";
import { runPipeline } from "./run_pipeline.ts";
import { skeleton } from "./skeleton.ts";
import { stage } from "./stage.ts";

const APPEND = { append: true, create: true } as const;

/** Options of {@linkcode buildInitrd}. */
export interface InitrdOptions extends PartsOptions {
  /** The path to write to, or a function that returns it once the guest's program has been made. */
  readonly output: string | ((guest: GuestProgram) => string);
  /** Path of a root file system as a tar or tar.gz, in place of busybox's commands. */
  readonly root?: string;
}

/** A built initrd. */
export interface BuiltInitrd {
  readonly path: string;
  readonly guest: GuestProgram;
}

/**
 * Builds an initrd: concatenated cpio archives, each of which the kernel unpacks over the ones
 * before. First come the files that any root may replace, then the root, then execvm's own. The
 * same inputs give the same bytes. Written aside and renamed.
 *
 * @throws {Error} if a part is missing.
 * @throws {EndpointError} if the root cannot be read.
 */
export async function buildInitrd(options: InitrdOptions): Promise<BuiltInitrd> {
  const { kernel, root, output, onProgress = () => {} } = options;
  await using folder = await scratchFolder();
  const sha256 = root === undefined ? undefined : await hashFile(root);
  const { busybox, askedBusybox, libraries, makeProgram } = await gatherParts(options);
  const guest = await makeProgram(folder.path);
  await Deno.mkdir(`${folder.path}/stage`);
  await stage(`${folder.path}/stage`, {
    kernel,
    guest,
    busybox,
    ...(libraries !== undefined && { libraries }),
    applets: root === undefined ? await appletsOf(askedBusybox) : [],
    root: sha256 === undefined ? "busybox" : `an archive with sha256 ${sha256}`,
  });
  onProgress("packing the initrd");
  const archives = await pack(folder.path, root);
  const path = typeof output === "string" ? output : output(guest);
  await writeAside(path, (aside) => concatenate(archives, aside));
  return { path, guest };
}

/** Makes the archives; returns their paths, in order. */
async function pack(folder: string, root: string | undefined): Promise<string[]> {
  const same = { mtime: 0, owner: { uid: 0, gid: 0 } };
  const sources = [
    bytes(skeleton()),
    ...(root === undefined ? [] : [await isGzip(root) ? file(root).pipe(gunzip()) : file(root)]),
    tar(".", { directory: `${folder}/stage`, ...same }),
  ];
  const parts = sources.map((_, index) => `${folder}/${index}.cpio`);
  for (const [index, source] of sources.entries()) {
    await runPipeline(source.pipe(cpio()).to(file(parts[index]!)));
  }
  return parts;
}

async function isGzip(path: string): Promise<boolean> {
  using opened = await Deno.open(path);
  const magic = new Uint8Array(2);
  await opened.read(magic);
  return magic[0] === 0x1f && magic[1] === 0x8b; // RFC 1952
}

async function concatenate(parts: readonly string[], path: string): Promise<void> {
  for (const part of parts) {
    const [source, target] = [await Deno.open(part), await Deno.open(path, APPEND)];
    // pipeTo must close the target: until then Deno buffers small writes.
    await source.readable.pipeTo(target.writable);
  }
}
