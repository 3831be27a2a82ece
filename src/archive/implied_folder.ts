/** The attributes of folders that an archive implies without an entry for them. */

/** The header of such a folder, without its name. */
export const IMPLIED_FOLDER = {
  name: "",
  linkName: "",
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  major: 0,
  minor: 0,
} as const;
