// How files are copied to where a command runs, and back: between a runner and the run.

import type { ExitStatus } from "../../libc/spawn.ts";

/**
 * The error of {@linkcode RemoteFiles.pack} if there is nothing at that path.
 *
 * @example
 * ```ts
 * import { MissingPath, type RemoteFiles } from "@execvm/execvm";
 *
 * const pack: RemoteFiles["pack"] = () =>
 *   new ReadableStream({ start: (controller) => controller.error(new MissingPath()) });
 * ```
 */
export class MissingPath extends Error {
  /** The class. */
  override readonly name = "MissingPath";

  /** Called where outputs are packed. */
  constructor() {
    super("there is no such file or folder");
  }
}

/** The files where a command runs, for as long as the command is there. */
export interface RemoteFiles {
  /**
   * Unpacks a tar, with the modes and times in it, and the user of the runner as the owner.
   *
   * @param tar owned; read to its end or cancelled
   * @param base the folder that its names are relative to: the root, or the private folder of the
   * run
   * @throws {Error} if that fails; the message states the fact alone.
   */
  unpack(tar: ReadableStream<Uint8Array>, base: "root" | "private"): Promise<void>;
  /**
   * Returns a tar whose first entry is the file or folder of that path, followed if it is a link,
   * under any name; the names of what is in a folder start with the folder's. The stream fails if
   * the path cannot be packed, with a {@linkcode MissingPath} if there is nothing.
   *
   * @param path absolute, or relative to the private folder of the run
   */
  pack(path: string): ReadableStream<Uint8Array>;
}

/**
 * Copies the files of one command. A runner calls both methods, for a chain once for all of its
 * commands. What they throw is an error of the run, which the runner passes on unchanged.
 */
export interface Copier {
  /** Copies files in; called before the command starts. */
  copyIn(files: RemoteFiles): Promise<void>;
  /** Copies outputs back; called once the command has ended, while its files are there. */
  copyOut(files: RemoteFiles, end: ExitStatus): Promise<void>;
}
