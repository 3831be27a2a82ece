// Disks and cdroms under the names that the host gave them, whatever the kernel calls them.

import { sleep } from "../libc/system.ts";

const BLOCK = "/sys/block";
const LIMIT_MS = 10_000;
const POLL_MS = 10;

/**
 * Waits until all devices are there, then renames those of `/dev`, with their partitions, that have
 * another name. One in `/sys` stays as it is: it is the same unless a name before it was left out.
 *
 * @throws {Error} if one does not come.
 */
export function nameDisks(names: readonly string[]): void {
  if (names.length === 0) return;
  const found = waitForAll(names);
  const moves = [...found].filter(([name, block]) => name !== block)
    .flatMap(([name, block]) =>
      nodesOf(block).map((node) => [node, name + node.slice(block.length)])
    )
    .map(([from, to]) => [`/dev/${from}`, `/dev/.${to}`, `/dev/${to}`] as const);
  // In two steps, as the name of one may be what another has now.
  for (const [from, between] of moves) Deno.renameSync(from, between);
  for (const [, between, to] of moves) Deno.renameSync(between, to);
}

/** What the kernel calls them, by their names. */
function waitForAll(names: readonly string[]): Map<string, string> {
  for (const start = Date.now();;) {
    const all = new Map(blocks().map((block) => [givenName(block), block]));
    const missing = names.find((name) => !all.has(name));
    if (missing === undefined) return new Map(names.map((name) => [name, all.get(name)!]));
    if (Date.now() - start > LIMIT_MS) {
      throw new Error(`Cannot go on as the kernel shows no /dev/${missing}: has it the driver?`);
    }
    sleep(POLL_MS);
  }
}

function blocks(): string[] {
  return [...Deno.readDirSync(BLOCK)].map(({ name }) => name).filter((name) =>
    /^(vd|sr)/.test(name)
  );
}

/** A disk has its name as its serial number; the number of a cdrom is its SCSI target. */
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
