/** What entries need that nothing describes. */

/** A folder that is needed and nowhere described, but for its name. */
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
