// Parses names of images in registries. Pure.

/** The full name of an image in a registry. */
export interface Reference {
  /** The host to send requests to, optionally with a port. */
  readonly host: string;
  readonly repository: string;
  /** The tag; absent only if there is a digest. */
  readonly tag?: string;
  /** `sha256:` and 64 hex digits; takes precedence over the tag. */
  readonly digest?: string;
}

/**
 * Names of Docker Hub in references, which are not its host (distribution, reference/normalize.go).
 */
export const HUB_NAMES: readonly string[] = ["docker.io", "index.docker.io"];
/** The host of Docker Hub. */
export const HUB_HOST = "registry-1.docker.io";

// The grammar of names, tags and digests: OCI distribution spec, "Pulling manifests".
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/i;
const REPOSITORY =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const MAX_REPOSITORY = 255;

/** A digest of the supported algorithm. */
export const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Parses `HOST/NAME:TAG@DIGEST`. The host defaults to Docker Hub, as in docker(1); without tag and
 * digest, the tag is `latest`.
 *
 * @throws {TypeError} if it is not such a name.
 */
export function parseReference(text: string): Reference {
  const [name, digest] = cutAt(text, text.indexOf("@"));
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  const [path, tag] = cutAt(name, colon);
  const [host, repository] = splitHost(path);
  const fact = !HOST.test(host)
    ? `${JSON.stringify(host)} is not a host`
    : !REPOSITORY.test(repository) || repository.length > MAX_REPOSITORY
    ? `${JSON.stringify(repository)} is not a name in lower case`
    : tag !== undefined && !TAG.test(tag)
    ? `${JSON.stringify(tag)} is not a tag`
    : digest !== undefined && !DIGEST.test(digest)
    ? `${JSON.stringify(digest)} is not a sha256 digest`
    : undefined;
  if (fact !== undefined) {
    throw new TypeError(`cannot use the image reference ${JSON.stringify(text)}: ${fact}`);
  }
  return {
    host,
    repository,
    ...(tag !== undefined || digest === undefined ? { tag: tag ?? "latest" } : {}),
    ...(digest !== undefined && { digest }),
  };
}

/** Formats a reference as a user would write it. */
export function showReference({ host, repository, tag, digest }: Reference): string {
  const known = host === HUB_HOST ? HUB_NAMES[0]! : host;
  const tagged = tag === undefined ? "" : `:${tag}`;
  return `${known}/${repository}${tagged}${digest === undefined ? "" : `@${digest}`}`;
}

/** Splits off the host: the first part, if it cannot be a namespace of Docker Hub. */
function splitHost(path: string): [host: string, repository: string] {
  const [first, rest] = cutAt(path, path.indexOf("/"));
  const isHost = rest !== undefined && (/[.:[]/.test(first) || first === "localhost");
  if (!isHost) return [HUB_HOST, rest === undefined ? `library/${path}` : path];
  if (!HUB_NAMES.includes(first)) return [first, rest];
  return [HUB_HOST, rest.includes("/") ? rest : `library/${rest}`];
}

function cutAt(text: string, index: number): [string, string | undefined] {
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}
