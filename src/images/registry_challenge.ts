// Parses the authentication challenge of a registry, `WWW-Authenticate` (RFC 9110, 11.6.1). Pure.

/** A way to log in. */
export type Challenge =
  | { readonly scheme: "basic" }
  /** Get a token from the realm, a URL: distribution, docs/spec/auth/token.md. */
  | { readonly scheme: "bearer"; readonly realm: string; readonly service?: string };

/** `NAME=VALUE`, quoted or not, or the name of a scheme, which parameters follow. */
const WORD = /([\w-]+)=(?:"([^"]*)"|([^\s,"]*))|([\w-]+)/g;

/**
 * The supported challenge in a header, a token preferred over a password; undefined if there is
 * none.
 */
export function parseChallenge(header: string): Challenge | undefined {
  const schemes: { name: string; parameters: Map<string, string> }[] = [];
  for (const [, name, quoted, plain, scheme] of header.matchAll(WORD)) {
    if (scheme !== undefined) {
      schemes.push({ name: scheme.toLowerCase(), parameters: new Map() });
    } else {
      schemes.at(-1)?.parameters.set(name!.toLowerCase(), quoted ?? plain ?? "");
    }
  }
  const bearer = schemes.find(({ name }) => name === "bearer")?.parameters;
  const [realm, service] = [bearer?.get("realm"), bearer?.get("service")];
  if (realm) return { scheme: "bearer", realm, ...(service && { service }) };
  return schemes.some(({ name }) => name === "basic") ? { scheme: "basic" } : undefined;
}
