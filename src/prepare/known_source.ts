// What a source on this machine holds, without reading all of it each time: a file or folder whose names,
// sizes and times are as they were holds what it held.

import { parseImageSource } from "../images/image_source.ts";
import { identityOf } from "../images/root_source.ts";
import { imagesDir } from "./image_store.ts";

/** What was written so shortly before may be written again within the same tick of the clock. */
const RACY_MS = 2000;

/** Version of how sources are told: what an older one took for a root may be an image. */
const FORMAT = 2;

/** A source that may be known. */
export interface KnownSource {
  /** Its identity, if it is. */
  readonly identity: string | undefined;
  /** Keeps what it was found to be. */
  readonly remember: (identity: string) => Promise<void>;
}

const UNKNOWN: KnownSource = { identity: undefined, remember: async () => {} };

/** Looks a source up. @param enumParser what else says which root it is */
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
    return UNKNOWN; // who opens it will say what is wrong
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
        // a cache that is read-only, or full: then it is read again the next time
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
