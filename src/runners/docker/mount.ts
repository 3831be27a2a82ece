// Describes and parses mounts of files and folders of the host in a container. Pure.

/**
 * Where a file or folder of the host is mounted in the container; a string is a path, mounted
 * read-only.
 */
export type MountOption = string | {
  /** Its path in the container. */
  readonly path: string;
  /** Whether the container may write to it. @default false */
  readonly write?: boolean;
};

/**
 * Absolute paths of files and folders on the engine's host, each with its path in the container.
 */
export type MountOptions = Readonly<Record<string, MountOption>>;

/**
 * Parses `HOST:GUEST`, `HOST:GUEST:ro` or `HOST:GUEST:rw` into an entry of {@linkcode
 * MountOptions}.
 *
 * @throws {SyntaxError} if it has another form.
 */
export function parseMount(text: string): readonly [string, MountOption] {
  const [, source, path, mode] = /^(.+?):(\/[^:]*)(:rw|:ro)?$/s.exec(text) ?? [];
  if (source === undefined || path === undefined) {
    throw new SyntaxError(
      `"${text}" is not a mount such as /host/folder:/folder or /host:/guest:rw`,
    );
  }
  return [source, mode === ":rw" ? { path, write: true } : path];
}
