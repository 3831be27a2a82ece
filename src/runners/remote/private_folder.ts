// The private folder of a run on a remote host, which its relative paths are in. Pure.

import { type CopyOptions, isRelative, placeOf } from "../../model/copy_options.ts";

/** Whether files are copied by relative paths, so that a run needs a private folder. */
export function needsFolder(copies: CopyOptions | undefined): boolean {
  const { files = {}, outputs = {} } = copies ?? {};
  return [...Object.keys(files), ...Object.keys(outputs)].map(placeOf).some(isRelative);
}

/**
 * Returns the working directory of a command.
 *
 * @param folder the private folder of the run, if it has one
 * @param cwd of the command; a relative one is relative to the private folder
 */
export function folderFor(
  folder: string | undefined,
  cwd: string | undefined,
): string | undefined {
  if (folder === undefined || cwd === undefined) return cwd ?? folder;
  return cwd.startsWith("/") ? cwd : `${folder}/${cwd}`;
}
