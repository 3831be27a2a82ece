// The initrd of a guest, made with execvm's own blocks.

import type { Pipeline } from "../src/blocks/pipeline.ts";
import { bytes, file, tar } from "../src/blocks/sources.ts";
import { cpio, gunzip } from "../src/blocks/transforms.ts";
import { execute } from "../src/execute.ts";
import { toPlan } from "../src/plan.ts";
import { local } from "../src/runners/local.ts";
import type { Kernel } from "../src/vm/kernel.ts";
import { deviceNodes } from "./device_nodes.ts";
import { stage } from "./stage.ts";

/** What to build. */
export interface InitrdOptions {
  /** The kernel that it is for: its modules go in. */
  readonly kernel: Kernel;
  /** Where to write it. */
  readonly output: string;
  /** A root file system as a tar or tar.gz, in place of busybox's commands. */
  readonly root?: string;
  /** A static busybox. @default "/bin/busybox" */
  readonly busybox?: string;
}

/**
 * Builds an initrd: cpio archives one after the other, as the kernel takes them. The same inputs give the
 * same bytes. Written aside and renamed.
 *
 * @throws {Error} if something of it is missing. @throws {EdgeError} if the root cannot be read.
 */
export async function buildInitrd(options: InitrdOptions): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "execvm-initrd-" });
  try {
    const { kernel, root, busybox = "/bin/busybox" } = options;
    await Deno.mkdir(`${folder}/root`);
    await stage(`${folder}/root`, { kernel, busybox, applets: root === undefined });
    const parts = [`${folder}/nodes.cpio`, `${folder}/guest.cpio`];
    await run(bytes(deviceNodes()).pipe(cpio()).to(file(parts[0]!)));
    const same = { mtime: 0, owner: { uid: 0, gid: 0 } };
    await run(tar(".", { directory: `${folder}/root`, ...same }).pipe(cpio()).to(file(parts[1]!)));
    if (root !== undefined) {
      parts.unshift(`${folder}/root.cpio`);
      const archive = await isGzip(root) ? file(root).pipe(gunzip()) : file(root);
      await run(archive.pipe(cpio()).to(file(parts[0]!)));
    }
    await concatenate(parts, options.output);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** By the executor itself: the public module, which has `run`, comes to stand on this one. */
async function run({ description }: Pipeline): Promise<void> {
  await execute(toPlan(description, local()), {});
}

async function isGzip(path: string): Promise<boolean> {
  using opened = await Deno.open(path);
  const magic = new Uint8Array(2);
  await opened.read(magic);
  return magic[0] === 0x1f && magic[1] === 0x8b; // RFC 1952
}

async function concatenate(parts: readonly string[], output: string): Promise<void> {
  const aside = `${output}.part`;
  using target = await Deno.open(aside, { write: true, create: true, truncate: true });
  for (const part of parts) {
    using source = await Deno.open(part);
    await source.readable.pipeTo(target.writable, { preventClose: true });
  }
  await Deno.rename(aside, output);
}
