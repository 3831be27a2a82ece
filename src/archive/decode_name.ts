/** File names as text, without the silent loss of a lenient decoder. */
import { ArchiveError } from "./archive_error.ts";

// ignoreBOM keeps a leading U+FEFF, which is a legal part of a file name.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text of a name's bytes.
 *
 * @throws {ArchiveError} if the bytes are not UTF-8: no name that this runtime can pass to the
 *   kernel would be the same file
 */
export function decodeName(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    const lenient = new TextDecoder().decode(bytes);
    throw new ArchiveError(
      `Cannot read the tar archive as its names must be UTF-8: ${JSON.stringify(lenient)}`,
    );
  }
}
