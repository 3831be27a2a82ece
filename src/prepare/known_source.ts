// Remembers the identity of local sources, so that they are not read each time: a file or folder
// whose names, sizes and times are unchanged is taken to have the same contents.

import { parseImageSource } from "../images/image_source.ts";
import { identityOf } from "../images/root_source.ts";
import { imagesDir } from "./image_store.ts";

/** A file written more recently than this may change again within the same tick of the clock. */
const RACY_MS = 2000;

/** The version of the procedure: an older one may have taken an image for a root. */
const FORMAT = 2;

/** A source whose identity may be remembered. */
export interface KnownSource {
  /** The identity, if it is remembered. */
  readonly identity: string | undefined;
  /** Remembers the identity. */
  readonly remember: (identity: string) => Promise<void>;
}

const UNKNOWN: KnownSource = { identity: undefined, remember: async () => {} };

/** Looks a source up. @param enumParser the options that also determine the root */
export async function knownSource(from: string, enumParser: unknown): Promise<KnownSource> {
  const source = parseImageSource(from);
  if (source.kind !== "path") return UNKNOWN;
  const marks: unknown[] = [FORMAT, enumParser];
  let latestMs = 0;
  try {
    for await (const info of walk(await Deno.realPath(source.path))) {
      marks.push(info.mark);
      latestMs = Math.max(latestMs, info.changedMs);
    }
  } catch {
    return UNKNOWN; // opening it reports the reason
  }
  if (Date.now() - latestMs < RACY_MS) return UNKNOWN;
  const path = `${imagesDir()}/.known/${identityOf("marks", JSON.stringify(marks))}`;
  return {
    identity: await Deno.readTextFile(path).catch(() => undefined),
    async remember(identity) {
      try {
        await Deno.mkdir(`${imagesDir()}/.known`, { recursive: true });
        await Deno.writeTextFile(path, identity);
      } catch {
        // the cache is read-only or full; the source is read again next time
      }
    },
  };
}

async function* walk(path: string): AsyncGenerator<{ mark: unknown; changedMs: number }> {
  const { size, ino, dev, mode, mtime, ctime, isDirectory } = await Deno.lstat(path);
  const times = [mtime?.getTime() ?? 0, ctime?.getTime() ?? 0];
  yield { mark: [path, size, ino, dev, mode, ...times], changedMs: Math.max(...times) };
  if (!isDirectory) return;
  const names = (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).sort();
  for (const name of names) yield* walk(`${path}/${name}`);
}
