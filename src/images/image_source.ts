// What an image is made from, as a user writes it. Pure.

import { parseReference, type Reference } from "./reference.ts";

/** Where the root of an image comes from. */
export type ImageSource =
  /** A folder, a tar, the image of a file system, or an OCI image in a folder or archive. */
  | { readonly kind: "path"; readonly path: string }
  /** An image that the Docker daemon has, by name or id. */
  | { readonly kind: "docker"; readonly name: string }
  /** An image in a registry. */
  | { readonly kind: "registry"; readonly reference: Reference }
  /** A Debian, made by mmdebstrap. */
  | { readonly kind: "debian"; readonly suite: string };

const FORMS = "a path, docker:NAME, oci://HOST/NAME:TAG or debian:SUITE";

/** The name of a suite, such as `bookworm` or `bookworm-backports`. */
const SUITE = /^[a-z][a-z0-9-]*$/;

/** An image's name as docker(1) takes it: never an option, and no URL. */
const DOCKER_NAME = /^[A-Za-z0-9][A-Za-z0-9._/:@-]*$/;

/**
 * Reads what stands for the source of an image:
 *
 * - a path: what is there tells what it is (a file named like a scheme is `./debian:x`)
 * - `docker:NAME`: of the Docker daemon
 * - `oci://HOST/NAME:TAG@sha256:HEX`, or `docker://` as skopeo has it: of a registry. Docker Hub's
 *   names may be short, as `oci://alpine`
 * - `debian:SUITE`
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
  return new TypeError(`Cannot make an image from ${JSON.stringify(from)} as it must be ${forms}`);
}
