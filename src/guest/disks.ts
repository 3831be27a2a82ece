// Gives disks and cdroms the names in `/dev` that the host chose, whatever the kernel calls them.

import { sleep } from "../libc/system.ts";

const BLOCK = "/sys/block";
const LIMIT_MS = 10_000;
const POLL_MS = 10;

/**
 * Waits until all devices exist, then renames those in `/dev`, with their partitions, that have
 * another name. Names in `/sys` are not changed; they differ only if a name before them was left
 * out.
 *
 * @throws {Error} if a device does not appear.
 */
export function nameDisks(names: readonly string[]): void {
  if (names.length === 0) return;
  const found = waitForAll(names);
  const moves = [...found].filter(([name, block]) => name !== block)
    .flatMap(([name, block]) =>
      nodesOf(block).map((node) => [node, name + node.slice(block.length)])
    )
    .map(([from, to]) => [`/dev/${from}`, `/dev/.${to}`, `/dev/${to}`] as const);
  // In two steps, as the new name of one may be the current name of another.
  for (const [from, between] of moves) Deno.renameSync(from, between);
  for (const [, between, to] of moves) Deno.renameSync(between, to);
}

/** Waits for the devices; returns the kernel's names by the chosen names. */
function waitForAll(names: readonly string[]): Map<string, string> {
  for (const start = Date.now();;) {
    const all = new Map(blocks().map((block) => [givenName(block), block]));
    const missing = names.find((name) => !all.has(name));
    if (missing === undefined) return new Map(names.map((name) => [name, all.get(name)!]));
    if (Date.now() - start > LIMIT_MS) {
      throw new Error(
        `cannot go on: there is no /dev/${missing}: does the kernel have the driver?`,
      );
    }
    sleep(POLL_MS);
  }
}

function blocks(): string[] {
  return [...Deno.readDirSync(BLOCK)].map(({ name }) => name).filter((name) =>
    /^(vd|sr)/.test(name)
  );
}

/** The chosen name: of a disk its serial number; of a cdrom `sr` and its SCSI target. */
function givenName(block: string): string {
  try {
    if (block.startsWith("vd")) return Deno.readTextFileSync(`${BLOCK}/${block}/serial`).trim();
    return `sr${Deno.readLinkSync(`${BLOCK}/${block}/device`).split(":").at(-2)}`;
  } catch {
    return block;
  }
}

/** A disk and its partitions. */
function nodesOf(block: string): string[] {
  const parts = [...Deno.readDirSync(`${BLOCK}/${block}`)].map(({ name }) => name)
    .filter((name) => name.startsWith(block));
  return [block, ...parts];
}
