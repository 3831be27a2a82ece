// Sends requests to one repository of a registry: OCI distribution spec, "Pull".

import { printableLine } from "../host/printable.ts";
import { messageOf } from "../model/errors.ts";
import { fetchWithin } from "../io/fetch_within.ts";
import { type Reference, showReference } from "./reference.ts";
import { basicHeader, findLogin, type FoundLogin, loginAdvice } from "./registry_auth.ts";
import { type Challenge, parseChallenge } from "./registry_challenge.ts";
import type { RegistryOptions } from "./root_source.ts";

/** A failure that a retry would not change: the registry has answered. */
export class RegistryRefusal extends Error {
  override readonly name = "RegistryRefusal";
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_TOKEN_BYTES = 1 << 20;
const MAX_MESSAGE_CHARACTERS = 200;

/** Loopback names, where plain HTTP is safe (RFC 6761, 6.3). */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/** Options of a request. */
export interface RegistryRequest {
  readonly accept?: string;
  /** The offset of the first byte to get. @default 0 */
  readonly from?: number;
}

/** A client for the repository of a reference; logs in when the registry asks for it. */
export class RegistryClient {
  readonly #reference: Reference;
  readonly #options: RegistryOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #origin: string;
  #login: FoundLogin | undefined;
  #authorization: string | undefined;

  constructor(
    reference: Reference,
    options: RegistryOptions & { readonly signal?: AbortSignal | undefined },
  ) {
    this.#reference = reference;
    this.#options = options;
    this.#signal = options.signal;
    const isPlain = options.insecure === true || LOOPBACK.test(reference.host);
    this.#origin = new URL(`${isPlain ? "http" : "https"}://${reference.host}`).origin;
  }

  /**
   * Gets a path below the repository; the caller owns the body.
   *
   * @throws {RegistryRefusal} if the registry refuses; one line with the reason and what to do.
   * @throws {Error} if the registry cannot be reached.
   */
  async get(path: string, request: RegistryRequest = {}): Promise<Response> {
    const url = new URL(`/v2/${this.#reference.repository}/${path}`, this.#origin);
    let response = await this.#follow(url, request);
    if (response.status === 401) {
      const header = response.headers.get("www-authenticate") ?? "";
      await response.body?.cancel();
      await this.#logIn(parseChallenge(header));
      response = await this.#follow(url, request);
    }
    if (response.ok) return response;
    throw await this.#refusal(response);
  }

  /** Follows redirects itself, so that the login is sent to the registry only. */
  async #follow(start: URL, request: RegistryRequest): Promise<Response> {
    let url = start;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const response = await this.#fetch(url, this.#headersFor(url, request));
      const location = response.headers.get("location");
      if (!REDIRECTS.has(response.status) || location === null) return response;
      await response.body?.cancel();
      url = new URL(location, url);
    }
    throw new RegistryRefusal(`${this.#reference.host} redirects more than ${MAX_REDIRECTS} times`);
  }

  #headersFor(url: URL, { accept, from = 0 }: RegistryRequest): Record<string, string> {
    const isOurs = url.origin === this.#origin;
    return {
      ...(accept !== undefined && { accept }),
      ...(from > 0 && { range: `bytes=${from}-` }),
      ...(isOurs && this.#authorization !== undefined &&
        { authorization: this.#authorization }),
    };
  }

  async #fetch(url: URL, headers: Record<string, string>): Promise<Response> {
    this.#requireSafe(url);
    try {
      return await fetchWithin(url, { headers, redirect: "manual" }, { signal: this.#signal });
    } catch (error) {
      this.#signal?.throwIfAborted();
      const cause = error instanceof Error ? error.cause ?? error : error;
      throw new Error(`${url.host} cannot be reached: ${messageOf(cause)}`, { cause: error });
    }
  }

  /** Refuses plain HTTP, except to the loopback interface or with `insecure`. */
  #requireSafe(url: URL): void {
    if (url.protocol === "https:") return;
    if (url.protocol === "http:" && (this.#options.insecure || LOOPBACK.test(url.host))) return;
    throw new RegistryRefusal(
      `${url.origin} is not https: set insecure if you trust the network`,
    );
  }

  async #logIn(challenge: Challenge | undefined): Promise<void> {
    this.#login ??= await findLogin(this.#reference.host, this.#options);
    if (challenge === undefined) {
      throw new RegistryRefusal("it asks for a login of an unknown kind");
    }
    const basic = "username" in this.#login ? basicHeader(this.#login) : undefined;
    if (challenge.scheme === "bearer") {
      this.#authorization = `Bearer ${await this.#fetchToken(challenge, basic)}`;
    } else if (basic !== undefined) {
      this.#authorization = basic;
    } else {
      throw new RegistryRefusal(this.#wantsLogin());
    }
  }

  async #fetchToken(
    { realm, service }: Challenge & { scheme: "bearer" },
    authorization: string | undefined,
  ): Promise<string> {
    const url = URL.parse(realm);
    if (url === null) throw new RegistryRefusal("its login service is not a URL");
    if (service !== undefined) url.searchParams.set("service", service);
    url.searchParams.set("scope", `repository:${this.#reference.repository}:pull`);
    const response = await this.#fetch(url, { ...(authorization && { authorization }) });
    if (!response.ok) throw await this.#refusal(response);
    const { token, access_token: accessToken } = await readJson(response);
    const found = token ?? accessToken;
    if (typeof found === "string" && found !== "") return found;
    throw new RegistryRefusal(`${url.host} returned no token`);
  }

  async #refusal(response: Response): Promise<Error> {
    const said = await registryMessage(response);
    const { host } = this.#reference;
    switch (response.status) {
      case 401:
      case 403:
        return new RegistryRefusal(this.#wantsLogin() + said);
      case 404:
        return new RegistryRefusal(`${host} has no ${showReference(this.#reference)}${said}`);
      case 429: {
        const after = response.headers.get("retry-after");
        const when = after !== null && /^\d+$/.test(after) ? `in ${after} s` : "later";
        const advice = `try again ${when}, or log in: ${loginAdvice(host)}`;
        return new RegistryRefusal(`${host} limits how much may be pulled: ${advice}${said}`);
      }
    }
    const answer = `${response.status} ${response.statusText}`.trimEnd();
    const message = `${host} answered ${answer}${said}`;
    // A server error may be temporary.
    return response.status < 500 ? new RegistryRefusal(message) : new Error(message);
  }

  #wantsLogin(): string {
    const { host } = this.#reference;
    const login = this.#login;
    if (login !== undefined && "username" in login) {
      return `${host} does not let ${JSON.stringify(login.username)} pull it, or has no such image`;
    }
    const fact = login === undefined ? "there is no login for it" : login.fact;
    return `${host} requires a login, or has no such image; ${fact}: ${loginAdvice(host)}`;
  }
}

/**
 * The error message of the registry (OCI distribution spec, "Error Codes"), to append to a line.
 */
async function registryMessage(response: Response): Promise<string> {
  const body = await readJson(response).catch(() => ({}));
  const errors = "errors" in body && Array.isArray(body["errors"]) ? body["errors"] : [];
  const message = errors[0]?.message ?? errors[0]?.code;
  if (typeof message !== "string" || message === "") return "";
  return ` (it says: ${printableLine(message, MAX_MESSAGE_CHARACTERS)})`;
}

async function readJson(response: Response): Promise<Record<string, unknown>> {
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.length > MAX_TOKEN_BYTES) throw new RegistryRefusal("an answer is too long");
  }
  return JSON.parse(text) ?? {};
}
