// The part of our lock that some packages need, as Deno fetches all that is in one.

import { ROOT } from "./sources.ts";

const LOCK = new URL("deno.lock", ROOT);

/** What a lock has of packages, by their names with versions. */
interface Lock {
  readonly version: string;
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, LockedPackage>>;
}

/** A package in a lock. */
interface LockedPackage {
  readonly dependencies?: readonly string[];
  readonly optionalDependencies?: readonly string[];
  readonly optionalPeers?: readonly string[];
}

/**
 * The option of Deno for a lock with these packages, and all that they depend on, which is written to `folder`;
 * that for no lock if we have none, as what is imported by URL.
 *
 * @throws {Error} if ours is damaged.
 */
export async function lockOption(folder: string, names: readonly string[]): Promise<string> {
  const text = await readLock();
  if (text === undefined) return "--no-lock";
  const path = `${folder}/deno.lock`;
  await Deno.writeTextFile(path, JSON.stringify(partOf(parseLock(text), names)));
  return `--lock=${path}`;
}

/** What a checkout has, and what is imported by URL has not. */
async function readLock(): Promise<string | undefined> {
  if (ROOT.protocol !== "file:") return undefined;
  return await Deno.readTextFile(LOCK).catch(() => undefined);
}

function parseLock(text: string): Lock {
  try {
    const { version, specifiers, npm } = JSON.parse(text);
    if (typeof specifiers === "object" && typeof npm === "object") {
      return { version, specifiers, npm };
    }
  } catch {
    // said below
  }
  throw new Error(
    `cannot read ${LOCK.pathname}: it is damaged, git checkout deno.lock restores it`,
  );
}

function partOf({ version, specifiers, npm }: Lock, names: readonly string[]): Lock {
  const wanted = Object.entries(specifiers).filter(([specifier]) =>
    names.some((name) => specifier.startsWith(`npm:${name}@`))
  );
  const found = new Map<string, LockedPackage>();
  const visit = (start: string): void => {
    const entries = Object.entries(npm).filter(([key]) =>
      key === start || key.startsWith(`${start}@`)
    );
    for (const [key, locked] of entries.filter(([key]) => !found.has(key))) {
      found.set(key, locked);
      const { dependencies = [], optionalDependencies = [] } = locked;
      [...dependencies, ...optionalDependencies].forEach(visit);
    }
  };
  for (const [specifier, resolved] of wanted) {
    visit(`${specifier.replace(/^npm:/, "").replace(/(?<=.)@[^@]*$/, "")}@${resolved}`);
  }
  return { version, specifiers: Object.fromEntries(wanted), npm: Object.fromEntries(found) };
}
