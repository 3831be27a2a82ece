/**
 * An archive that breaks a rule, or files that cannot be packed; the message names the entry.
 *
 * Errors of the disk and of the stream that an archive comes from keep their own class.
 */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
}
