// Opens files that users name. A fifo would be waited for, also beyond a signal, and a device such
// as /dev/zero read without an end.

/**
 * Opens a file to read, once it is known to be one.
 *
 * @returns the file, owned
 * @throws {Deno.errors} if it cannot be opened.
 * @throws {Error} if it is a folder, a fifo, a socket or a device; the message is only the fact.
 */
export async function openGivenFile(path: string): Promise<Deno.FsFile> {
  await requireGivenFile(path);
  return await Deno.open(path);
}

/** Reads a whole file. @throws {Error} as {@linkcode openGivenFile} does. */
export async function readGivenFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  await requireGivenFile(path);
  return await Deno.readFile(path);
}

/** Checks that there is a file. @throws {Error} as {@linkcode openGivenFile} does. */
export async function requireGivenFile(path: string): Promise<Deno.FileInfo> {
  const info = await Deno.stat(path);
  if (!info.isFile) throw new Error(info.isDirectory ? "it is a folder" : "it is not a file");
  return info;
}
