/**
 * Helpers of the archive tests: real tools as references, hand-made tars, streams of any chunks.
 */

/** A temporary directory that is removed at the end of the scope. */
export function tempDir(): { path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "archive-test-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Runs a tool with `stdin` and returns its stdout; throws with its stderr if it fails. */
export async function tool(argv: string[], stdin?: Uint8Array, cwd?: string): Promise<Uint8Array> {
  const child = new Deno.Command(argv[0]!, {
    args: argv.slice(1),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    // Names are printed unchanged and times in one zone, whatever the settings of the machine.
    env: { LC_ALL: "C.UTF-8", TZ: "UTC" },
    ...(cwd === undefined ? {} : { cwd }),
  }).spawn();
  const feeding = feed(child.stdin, stdin ?? new Uint8Array());
  const { success, stdout, stderr } = await child.output();
  await feeding;
  if (!success) {
    throw new Error(`${argv.join(" ")}: ${new TextDecoder().decode(concat(stderr, stdout))}`);
  }
  return stdout;
}

async function feed(stdin: WritableStream<Uint8Array>, bytes: Uint8Array): Promise<void> {
  const writer = stdin.getWriter();
  // A tool may stop reading at the end-of-archive.
  await writer.write(bytes).catch(() => {});
  await writer.close().catch(() => {});
}

/** All bytes of a stream. */
export async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return concat(...chunks);
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** `bytes` as a stream of chunks of `chunkBytes`. */
export function rechunk(bytes: Uint8Array, chunkBytes: number): ReadableStream<Uint8Array> {
  return streamOf(
    Array.from(
      { length: Math.ceil(bytes.length / chunkBytes) },
      (_, index) => bytes.slice(index * chunkBytes, (index + 1) * chunkBytes),
    ),
  );
}

/** `bytes` as a stream of two chunks, the first of `cut` bytes. */
export function cutAt(bytes: Uint8Array, cut: number): ReadableStream<Uint8Array> {
  return streamOf([bytes.slice(0, cut), bytes.slice(cut)]);
}

function streamOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

/** Fields of a hand-made header. Nothing is checked, so that hostile ones can be made. */
export interface RawEntry {
  readonly name: string | Uint8Array;
  readonly type?: string;
  readonly link?: string | Uint8Array;
  readonly data?: string | Uint8Array;
  readonly mode?: number;
  /** uid and gid. */
  readonly owner?: readonly [number, number];
  readonly mtime?: number;
  /** Overrides the length of `data`. */
  readonly size?: number;
  readonly magic?: string;
  readonly major?: number;
  readonly minor?: number;
}

/** A tar of exactly these entries, with its end-of-archive. */
export function rawTar(...entries: RawEntry[]): Uint8Array {
  return concat(...entries.map(rawEntry), new Uint8Array(1024));
}

/** One entry as blocks, without an end-of-archive. */
export function rawEntry(entry: RawEntry): Uint8Array {
  const data = toBytes(entry.data ?? "");
  const block = new Uint8Array(512);
  const name = typeof entry.name === "string" ? entry.name : "";
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  const put = (at: number, value: string | Uint8Array) => block.set(toBytes(value), at);
  put(0, entry.name);
  put(100, octal(entry.mode ?? (entry.type === "5" || name.endsWith("/") ? 0o755 : 0o644), 7));
  put(108, octal(entry.owner?.[0] ?? 0, 7));
  put(116, octal(entry.owner?.[1] ?? 0, 7));
  put(124, octal(entry.size ?? data.length, 11));
  put(136, octal(entry.mtime ?? 1_000_000_000, 11));
  put(148, "        ");
  put(156, entry.type ?? "0");
  put(157, entry.link ?? "");
  put(257, entry.magic ?? "ustar\u000000");
  put(329, octal(entry.major ?? 0, 7));
  put(337, octal(entry.minor ?? 0, 7));
  put(148, octal(block.reduce((sum, byte) => sum + byte, 0), 6) + "\0");
  return concat(block, data, new Uint8Array((512 - data.length % 512) % 512));
}

/** A pax extended header of type `x`, or `g` for all following entries. */
export function rawPax(records: string, type = "x"): RawEntry {
  return { name: "pax", type, data: records };
}

function toBytes(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? new TextEncoder().encode(value) : value;
}

/** The files below `root` as comparable lines: type, mode, mtime in seconds, content or target. */
export function snapshot(root: string): string[] {
  const inodes = new Map<number, string>();
  const lines: string[] = [];
  const visit = (path: string): void => {
    const at = `${root}/${path}`;
    const stat = Deno.lstatSync(at);
    const mtime = Math.floor(stat.mtime!.getTime() / 1000);
    const mode = (stat.mode! & 0o7777).toString(8);
    const first = stat.isFile && stat.nlink! > 1 ? inodes.get(stat.ino!) ?? path : path;
    inodes.set(stat.ino!, first);
    const what = stat.isDirectory
      ? "dir"
      : stat.isSymlink
      ? `-> ${Deno.readLinkSync(at)}`
      : stat.isFile
      ? Deno.readFileSync(at).toBase64()
      : "node";
    lines.push(JSON.stringify([path, mode, mtime, what, first]));
    if (!stat.isDirectory) return;
    for (const name of [...Deno.readDirSync(at)].map(({ name }) => name).sort()) {
      visit(path === "" ? name : `${path}/${name}`);
    }
  };
  for (const name of [...Deno.readDirSync(root)].map(({ name }) => name).sort()) visit(name);
  return lines;
}

/**
 * Makes files at `root`: a string is content, `dir` an empty directory, `link` a symlink's target.
 */
export function makeTree(
  root: string,
  tree: Record<string, string | Uint8Array | { dir: true } | { link: string }>,
): void {
  for (const [path, what] of Object.entries(tree)) {
    const at = `${root}/${path}`;
    Deno.mkdirSync(at.slice(0, at.lastIndexOf("/")), { recursive: true });
    if (typeof what === "string") Deno.writeTextFileSync(at, what);
    else if (what instanceof Uint8Array) Deno.writeFileSync(at, what);
    else if ("dir" in what) Deno.mkdirSync(at);
    else Deno.symlinkSync(what.link, at);
  }
}
