/**
 * An archive, or what should become one, breaks a rule; the message is one line and names the entry.
 *
 * Failures of the disk or of the stream behind an archive keep their own class.
 */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
}
