// The root among the options of a machine: a text, or a prepared image.

/** A prepared image to use as a root, such as the `Image` that `prepareImage` returns. */
export interface RootImage {
  /** The key in the cache: 64 hex digits. */
  readonly key: string;
  /** Path of the image of its file system. */
  readonly path: string;
}

/** The options of a machine with its root as text. */
export type WithRootText<Options> = Omit<Options, "root"> & { readonly root?: string };

/**
 * Returns the options with their root as text: an image by its path.
 *
 * @throws {TypeError} if the root is neither, or an image that would be written to.
 */
export function withRootText<
  Options extends { readonly root?: string | RootImage; readonly rootWrite?: boolean },
>(options: Options): WithRootText<Options> {
  const { root, ...rest } = options;
  if (root === undefined) return rest;
  const given: unknown = root; // from JavaScript it may be anything
  const path = typeof given === "string" ? given : (given as Partial<RootImage> | null)?.path;
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw new TypeError(
      `cannot use ${JSON.stringify(root)} as the root: ` +
        "it must be an image, its name or key, a path, or a source such as debian:bookworm",
    );
  }
  if (typeof given !== "string" && options.rootWrite === true) {
    throw new TypeError(
      "cannot write to the root: images of the cache are read-only: " +
        "copy the file of the image, an ext4, and give the path of the copy",
    );
  }
  return { ...rest, root: path };
}
