// The types of an opened source: its identity, its configuration, and its root.

import type { RootType } from "../machine/protocol_words.ts";
import { digestOf } from "./checked_stream.ts";
import type { ImageConfig } from "./image_config.ts";

/** An opened source of a root. Disposing it removes temporary files; read the root before that. */
export interface RootSource extends AsyncDisposable {
  /**
   * 64 hex digits that are equal for equal content, to use as a cache key. For `debian:SUITE` they
   * cover only the suite and the options, as the packages of a mirror change.
   */
  readonly identity: string;
  /** The configuration of an OCI or Docker image; absent for other sources. */
  readonly config?: ImageConfig;
  readonly root: RootContent;
}

/** The root itself. */
export type RootContent =
  /** The image of a file system, to be used directly. */
  | { readonly kind: "image"; readonly path: string; readonly fileSystem: RootType }
  /** A plain tar, for `packRoot`. Each call makes a new stream, which the caller owns. */
  | { readonly kind: "tar"; open(): ReadableStream<Uint8Array> };

/** The progress of fetching a root. */
export interface SourceProgress {
  /** What is being fetched, for people. */
  readonly what: string;
  /** Bytes so far. */
  readonly bytes: number;
  /** Bytes in all; unknown if absent. */
  readonly totalBytes?: number;
}

/** Options of opening a source. */
export interface SourceOptions {
  /** The platform of an OCI or Docker image, such as `linux/arm64`. @default the host's */
  readonly platform?: string;
  /** The name or tag of the image to use, for a layout or archive with several. */
  readonly reference?: string;
  /**
   * The client program of the Docker daemon, which uses `DOCKER_HOST`; or podman.
   *
   * @default "docker"
   */
  readonly docker?: string;
  /** Options for `debian:SUITE`. */
  readonly debian?: DebianOptions;
  /** Options for registries. */
  readonly registry?: RegistryOptions;
  /** Called as parts are fetched. */
  readonly onProgress?: (progress: SourceProgress) => void;
  /** Aborts opening and reading. */
  readonly signal?: AbortSignal | undefined;
}

/** Options for making a Debian. */
export interface DebianOptions {
  /** URL of the archive. @default mmdebstrap's default */
  readonly mirror?: string;
  /** Packages in addition to those of the variant. */
  readonly include?: readonly string[];
  /** The base set of packages: mmdebstrap(1), `--variant`. @default "minbase" */
  readonly variant?: string;
}

/** Options for registries. */
export interface RegistryOptions {
  /**
   * The user to log in as.
   *
   * @default `EXECVM_REGISTRY_USERNAME` and `EXECVM_REGISTRY_PASSWORD`, else the login that
   * `docker login` has stored
   */
  readonly username?: string;
  /** The password of `username`. */
  readonly password?: string;
  /** Use plain HTTP. For loopback addresses it is always used. @default false */
  readonly insecure?: boolean;
}

/** Makes an identity from a value and its kind, as values of different kinds may be equal. */
export function identityOf(kind: string, value: string): string {
  return digestOf(`${kind}\0${value}`).slice("sha256:".length);
}

/** The disposable part of sources that have nothing to remove. */
export const NOTHING_TO_REMOVE: AsyncDisposable = { [Symbol.asyncDispose]: async () => {} };
