/**
 * What is on a disk is no ext4 file system that can be read: damaged, hostile, or of a kind that is not
 * supported. The message is one line.
 *
 * Failures of the disk's own file keep their class.
 */
export class Ext4Error extends Error {
  override readonly name = "Ext4Error";
}
