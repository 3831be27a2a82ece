// The name of an image in a registry. Pure.

/** An image in a registry, with all that a short name leaves out. */
export interface Reference {
  /** Where its requests go, with a port if there is one. */
  readonly host: string;
  readonly repository: string;
  /** Absent only if there is a digest. */
  readonly tag?: string;
  /** `sha256:` and 64 hex digits; decides over the tag. */
  readonly digest?: string;
}

/** How Docker Hub is known, which is not how it is reached (distribution, reference/normalize.go). */
export const HUB_NAMES: readonly string[] = ["docker.io", "index.docker.io"];
/** Where Docker Hub is. */
export const HUB_HOST = "registry-1.docker.io";

// The grammar of names, tags and digests: OCI distribution spec, "Pulling manifests".
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/i;
const REPOSITORY =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const MAX_REPOSITORY = 255;

/** A digest that can be checked here. */
export const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Reads `HOST/NAME:TAG@DIGEST`. Without a host it is Docker Hub's, as in docker(1); without tag and
 * digest the tag is `latest`.
 *
 * @throws {TypeError} if it is no such name.
 */
export function parseReference(text: string): Reference {
  const [name, digest] = cutAt(text, text.indexOf("@"));
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  const [path, tag] = cutAt(name, colon);
  const [host, repository] = splitHost(path);
  const fact = !HOST.test(host)
    ? `${JSON.stringify(host)} is no host`
    : !REPOSITORY.test(repository) || repository.length > MAX_REPOSITORY
    ? `${JSON.stringify(repository)} is no name, in lower case`
    : tag !== undefined && !TAG.test(tag)
    ? `${JSON.stringify(tag)} is no tag`
    : digest !== undefined && !DIGEST.test(digest)
    ? `${JSON.stringify(digest)} is no sha256 digest`
    : undefined;
  if (fact !== undefined) {
    throw new TypeError(`Cannot use the image reference ${JSON.stringify(text)} as ${fact}`);
  }
  return {
    host,
    repository,
    ...(tag !== undefined || digest === undefined ? { tag: tag ?? "latest" } : {}),
    ...(digest !== undefined && { digest }),
  };
}

/** As a user would write it. */
export function showReference({ host, repository, tag, digest }: Reference): string {
  const known = host === HUB_HOST ? HUB_NAMES[0]! : host;
  const tagged = tag === undefined ? "" : `:${tag}`;
  return `${known}/${repository}${tagged}${digest === undefined ? "" : `@${digest}`}`;
}

/** The first part is a host if it could be no folder of Docker Hub. */
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
