// A minimal registry on the loopback interface to pull from, which can be made to misbehave.

import { digest, type TestDescriptor } from "./oci_fixture.ts";

/** A request that the registry received. */
export interface Seen {
  readonly path: string;
  readonly authorization: string | null;
  readonly range: string | null;
}

/** Deviations from correct behaviour. */
export interface RegistryBehaviour {
  /** The authentication that it requires. */
  readonly auth?: "token" | "basic";
  /** The login that is accepted; if absent, any client gets a token. */
  readonly user?: string;
  /** Answers a request in place of the registry. */
  readonly instead?: (seen: Seen) => Response | undefined;
}

/** A running registry; disposing stops it. */
export interface TestRegistry extends AsyncDisposable {
  readonly host: string;
  /** `oci://` and the name of the image in it. */
  readonly from: string;
  readonly seen: Seen[];
}

const TOKEN = "a-token";

/** Serves an image as `team/app:v1`. */
export function serveRegistry(
  blobs: ReadonlyMap<string, Uint8Array>,
  top: TestDescriptor,
  behaviour: RegistryBehaviour = {},
): TestRegistry {
  const { auth, user, instead } = behaviour;
  const seen: Seen[] = [];
  const basic = user === undefined ? undefined : `Basic ${btoa(user)}`;
  const wanted = auth === "token" ? `Bearer ${TOKEN}` : auth === "basic" ? basic : undefined;
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, (request) => {
    const url = new URL(request.url);
    const authorization = request.headers.get("authorization");
    const now = { path: url.pathname, authorization, range: request.headers.get("range") };
    seen.push(now);
    const special = instead?.(now);
    if (special !== undefined) return special;
    if (url.pathname === "/token") {
      if (basic !== undefined && authorization !== basic) return refuse(401, "UNAUTHORIZED");
      const scope = url.searchParams.get("scope");
      return scope === "repository:team/app:pull" && url.searchParams.get("service") === "tests"
        ? Response.json({ token: TOKEN })
        : refuse(400, "WRONG SCOPE");
    }
    if (wanted !== undefined && authorization !== wanted) {
      const challenge = auth === "basic"
        ? 'Basic realm="tests"'
        : `Bearer realm="${url.origin}/token",service="tests",scope="repository:team/app:pull"`;
      return refuse(401, "UNAUTHORIZED", { "www-authenticate": challenge });
    }
    return answer(now, blobs, top);
  });
  const host = `127.0.0.1:${server.addr.port}`;
  return {
    host,
    from: `oci://${host}/team/app:v1`,
    seen,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** An error in the form of registries. */
export function refuse(status: number, code: string, headers: HeadersInit = {}): Response {
  return Response.json({ errors: [{ code, message: `${code} it is` }] }, { status, headers });
}

function answer(
  { path, range }: Seen,
  blobs: ReadonlyMap<string, Uint8Array>,
  top: TestDescriptor,
): Response {
  const [, kind, name] = /^\/v2\/team\/app\/(manifests|blobs)\/(.*)$/.exec(path) ?? [];
  const found = blobs.get(kind === "manifests" && name === "v1" ? top.digest : name ?? "");
  if (found === undefined) return refuse(404, "UNKNOWN");
  const bytes = found.slice();
  if (kind === "manifests") {
    const type = JSON.parse(new TextDecoder().decode(bytes)).manifests !== undefined
      ? "index"
      : "manifest";
    return new Response(bytes, {
      headers: { "content-type": `application/vnd.oci.image.${type}.v1+json; charset=utf-8` },
    });
  }
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  return new Response(bytes.subarray(start), { status: start > 0 ? 206 : 200 });
}

/** Bytes that end in the middle, like those of a server that dies. */
export function brokenBody(bytes: Uint8Array): Response {
  let given = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (given) return controller.error("this server dies for the test");
      given = true;
      controller.enqueue(bytes.slice());
    },
  });
  return new Response(body);
}

export { digest };
