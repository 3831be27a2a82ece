// Finds the login for a registry: from options, the environment, or the config of `docker login`.

import { messageOf } from "../model/errors.ts";
import { HUB_HOST, HUB_NAMES } from "./reference.ts";
import type { RegistryOptions } from "./root_source.ts";

/** A user and a password. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** A login, or why there is none, for the error if the registry requires one. */
export type FoundLogin = Login | { readonly fact: string };

/** The names under which docker(1) stores the login of Docker Hub. */
const HUB_KEYS = ["https://index.docker.io/v1/", ...HUB_NAMES];

/**
 * Finds the login for a host. Those of the options and the environment are used for any host.
 *
 * @throws {TypeError} if there is a name without a password, or the reverse.
 */
export async function findLogin(host: string, options: RegistryOptions): Promise<FoundLogin> {
  const given = toLogin(options.username, options.password, "registry.username and .password");
  const { env } = Deno;
  const [username, password] = [env.get(USERNAME) || undefined, env.get(PASSWORD) || undefined];
  return given ?? toLogin(username, password, `${USERNAME} and ${PASSWORD}`) ?? await stored(host);
}

const USERNAME = "EXECVM_REGISTRY_USERNAME";
const PASSWORD = "EXECVM_REGISTRY_PASSWORD";

/** How to log in, for messages. */
export function loginAdvice(host: string): string {
  const name = host === HUB_HOST ? "" : ` ${host}`;
  return `docker login${name}, or set ${USERNAME} and ${PASSWORD}`;
}

/** The value of an `Authorization` header for a login (RFC 7617). */
export function basicHeader({ username, password }: Login): string {
  return `Basic ${new TextEncoder().encode(`${username}:${password}`).toBase64()}`;
}

function toLogin(
  username: string | undefined,
  password: string | undefined,
  names: string,
): Login | undefined {
  if (username === undefined && password === undefined) return undefined;
  if (username !== undefined && password !== undefined) return { username, password };
  throw new TypeError(`cannot log in: ${names} must both be set: one is not`);
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { auth?: string; identitytoken?: string }>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

/** Reads `config.json` of docker(1). */
async function stored(host: string): Promise<FoundLogin> {
  const folder = Deno.env.get("DOCKER_CONFIG") || `${Deno.env.get("HOME") ?? ""}/.docker`;
  const path = `${folder}/config.json`;
  const config = await readConfig(path);
  if (config === undefined) return { fact: "there is no login for it" };
  const keys = host === HUB_HOST
    ? HUB_KEYS
    : [host, `https://${host}`, `http://${host}`, `https://${host}/v1/`, `https://${host}/v2/`];
  const entry = keys.map((key) => config.auths?.[key]).find((it) => it !== undefined);
  if (entry?.auth) return decode(entry.auth, path);
  if (entry?.identitytoken) {
    return { fact: `${path} has an identity token, which is not supported` };
  }
  const helper = keys.map((key) => config.credHelpers?.[key]).find(Boolean) ?? config.credsStore;
  return {
    fact: helper
      ? `its login is in docker-credential-${helper}, which is not supported`
      : `there is no login for it in ${path}`,
  };
}

async function readConfig(path: string): Promise<DockerConfig | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path)) ?? {};
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function decode(auth: string, path: string): FoundLogin {
  try {
    const text = new TextDecoder().decode(Uint8Array.fromBase64(auth));
    const colon = text.indexOf(":");
    if (colon > 0) return { username: text.slice(0, colon), password: text.slice(colon + 1) };
  } catch {
    // Invalid base64 is as bad as a missing colon.
  }
  return { fact: `the login for it in ${path} is damaged` };
}
