// A source that has been opened: what it is, and how to get the root out of it.

import type { RootType } from "../machine/protocol_words.ts";
import { digestOf } from "./checked_stream.ts";
import type { ImageConfig } from "./image_config.ts";

/** A source of a root. Disposing it removes what was made to read it; the root is read before that. */
export interface RootSource extends AsyncDisposable {
  /**
   * 64 hex digits that are the same for the same content, to key a cache by. For `debian:SUITE` they
   * are of the words alone, as what a mirror has changes from day to day.
   */
  readonly identity: string;
  /** What an OCI or Docker image says of commands; absent for all else. */
  readonly config?: ImageConfig;
  readonly root: RootContent;
}

/** The root itself. */
export type RootContent =
  /** The image of a file system, to be used as it is. */
  | { readonly kind: "image"; readonly path: string; readonly fileSystem: RootType }
  /** A plain tar, for `packRoot`. It is made anew for each call; the reader owns the stream. */
  | { readonly kind: "tar"; open(): ReadableStream<Uint8Array> };

/** How far getting a root is. */
export interface SourceProgress {
  /** What is being fetched, in words. */
  readonly what: string;
  /** So far. */
  readonly bytes: number;
  /** Unknown if absent. */
  readonly totalBytes?: number;
}

/** How to open a source. */
export interface SourceOptions {
  /** The platform of an OCI or Docker image. @default linux on the processor of this machine */
  readonly platform?: string;
  /** Which image of a layout or archive, by name or tag, if it has several. */
  readonly reference?: string;
  /** Program that speaks to the Docker daemon, which heeds `DOCKER_HOST`, or podman. @default "docker" */
  readonly docker?: string;
  /** How `debian:SUITE` is made. */
  readonly debian?: DebianOptions;
  /** How a registry is spoken to. */
  readonly registry?: RegistryOptions;
  /** Hears of what is fetched. */
  readonly onProgress?: (progress: SourceProgress) => void;
  /** Ends what is under way. */
  readonly signal?: AbortSignal | undefined;
}

/** How to make a Debian. */
export interface DebianOptions {
  /** URL of the archive. @default mmdebstrap's own */
  readonly mirror?: string;
  /** Packages beside those of the variant. */
  readonly include?: readonly string[];
  /** What is in it at the least: mmdebstrap(1), `--variant`. @default "minbase" */
  readonly variant?: string;
}

/** How to speak to a registry. */
export interface RegistryOptions {
  /**
   * Whom to log in as. @default `EXECVM_REGISTRY_USERNAME` and `EXECVM_REGISTRY_PASSWORD`, else what
   * `docker login` has stored
   */
  readonly username?: string;
  /** What goes with it. */
  readonly password?: string;
  /** Speak plain HTTP. It is spoken to this machine, at a loopback address, in any case. */
  readonly insecure?: boolean;
}

/** An identity: `kind` says what `value` is, as the same text can stand for two things. */
export function identityOf(kind: string, value: string): string {
  return digestOf(`${kind}\0${value}`).slice("sha256:".length);
}

/** For sources that leave nothing to be removed. */
export const NOTHING_TO_REMOVE: AsyncDisposable = { [Symbol.asyncDispose]: async () => {} };
