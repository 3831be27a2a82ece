/**
 * A disk without a readable ext4 file system: damaged, hostile, or with unsupported features. The
 * message is one line.
 *
 * Errors of the file that holds the disk keep their own class.
 */
export class Ext4Error extends Error {
  override readonly name = "Ext4Error";
}
