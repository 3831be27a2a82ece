// A file or folder of the host in a container, as options and the command line have it. Pure.

/** A folder or file of the host in the container; alone, its path there means that it is read-only. */
export type MountOption = string | {
  /** Its path in the container. */
  readonly path: string;
  /** Whether the container may change it. @default false */
  readonly write?: boolean;
};

/** Files and folders of the engine's host, each with its path in the container. */
export type MountOptions = Readonly<Record<string, MountOption>>;

/**
 * An entry of {@linkcode MountOptions} out of `HOST:GUEST` or `HOST:GUEST:rw`.
 *
 * @throws {SyntaxError} if it is neither.
 */
export function parseMount(text: string): readonly [string, MountOption] {
  const [, source, path, mode] = /^(.+?):(\/[^:]*)(:rw|:ro)?$/s.exec(text) ?? [];
  if (source === undefined || path === undefined) {
    throw new SyntaxError(`"${text}" is no mount such as /host/folder:/folder or /host:/guest:rw`);
  }
  return [source, mode === ":rw" ? { path, write: true } : path];
}
