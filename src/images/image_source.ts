// Parses the source of an image as a user writes it. Pure.

import { parseReference, type Reference } from "./reference.ts";

/** The source of an image's root. */
export type ImageSource =
  /** A folder, a tar, the image of a file system, or an OCI image in a folder or archive. */
  | { readonly kind: "path"; readonly path: string }
  /** An image of the Docker daemon, by name or id. */
  | { readonly kind: "docker"; readonly name: string }
  /** An image in a registry. */
  | { readonly kind: "registry"; readonly reference: Reference }
  /** A Debian, made by mmdebstrap. */
  | { readonly kind: "debian"; readonly suite: string };

const FORMS = "a path, docker:NAME, oci://HOST/NAME:TAG or debian:SUITE";

/** The name of a suite, such as `bookworm` or `bookworm-backports`. */
const SUITE = /^[a-z][a-z0-9-]*$/;

/** An image's name for docker(1): never an option or a URL. */
const DOCKER_NAME = /^[A-Za-z0-9][A-Za-z0-9._/:@-]*$/;

/**
 * Parses the source of an image:
 *
 * - a path, whose contents decide what it is (a file named like a scheme is `./debian:x`)
 * - `docker:NAME`, an image of the Docker daemon
 * - `oci://HOST/NAME:TAG@sha256:HEX`, or `docker://` as in skopeo, an image in a registry; names
 *   of Docker Hub may be short, such as `oci://alpine`
 * - `debian:SUITE`, a Debian made by mmdebstrap
 *
 * @throws {TypeError} if it is none of these.
 */
export function parseImageSource(from: string): ImageSource {
  if (typeof from !== "string" || from === "" || from.includes("\0")) throw refuse(from, FORMS);
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(from) ?? [];
  if (scheme === undefined || rest === undefined) return { kind: "path", path: from };
  if (rest.startsWith("//") && (scheme === "oci" || scheme === "docker")) {
    return { kind: "registry", reference: parseReference(rest.slice(2)) };
  }
  if (scheme === "docker") {
    if (DOCKER_NAME.test(rest)) return { kind: "docker", name: rest };
    throw refuse(from, "docker:NAME, where NAME is an image's name or id");
  }
  if (scheme === "debian") {
    if (SUITE.test(rest)) return { kind: "debian", suite: rest };
    throw refuse(from, "debian:SUITE, such as debian:bookworm");
  }
  throw refuse(from, FORMS);
}

function refuse(from: unknown, forms: string): TypeError {
  return new TypeError(`cannot make an image from ${JSON.stringify(from)}: it must be ${forms}`);
}
