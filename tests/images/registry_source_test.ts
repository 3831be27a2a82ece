import assert from "node:assert/strict";
import { openSource } from "../../src/images/open_source.ts";
import type { RootSource, SourceOptions, SourceProgress } from "../../src/images/root_source.ts";
import { ownCache } from "../kernels/fixture.ts";
import { needs } from "../support/tools.ts";
import { listTar, tempDir } from "./fixture.ts";
import {
  IMAGE_CONFIG,
  LAYER_TARS,
  makeImage,
  makeIndex,
  OTHER_ARCHITECTURE,
  ROOT_LINES,
} from "./oci_fixture.ts";
import { brokenBody, refuse, type RegistryBehaviour, serveRegistry } from "./test_registry.ts";

/** One gzipped layer, so that no other program is needed. */
const SMALL = makeImage({ tars: LAYER_TARS.slice(0, 1) });
const [LAYER] = SMALL.layers;
const LAYER_PATH = `/v2/team/app/blobs/${LAYER!.digest}`;

function serveSmall(behaviour: RegistryBehaviour = {}) {
  return serveRegistry(SMALL.blobs, SMALL.manifest, behaviour);
}

async function pull(from: string, options: SourceOptions = {}): Promise<string[]> {
  await using source = await openSource(from, options);
  return await rootOf(source);
}

async function rootOf({ root }: RootSource): Promise<string[]> {
  assert.equal(root.kind, "tar");
  return root.kind === "tar" ? await listTar(root.open()) : [];
}

/** Sets an environment variable for the duration of a test. */
function setEnv(name: string, value: string): Disposable {
  const before = Deno.env.get(name);
  Deno.env.set(name, value);
  return {
    [Symbol.dispose]: () =>
      before === undefined ? Deno.env.delete(name) : Deno.env.set(name, before),
  };
}

/** Keeps the logins of the user who runs the tests from being used. */
function noLogins(): { readonly path: string } & Disposable {
  const folder = tempDir();
  const env = setEnv("DOCKER_CONFIG", folder.path);
  return {
    path: folder.path,
    [Symbol.dispose]() {
      env[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

function blobsIn(cache: string): string[] {
  return [...Deno.readDirSync(`${cache}/blobs/sha256`)].map(({ name }) => `sha256:${name}`).sort();
}

Deno.test({
  ...needs("an image is pulled with a token, from an index, once", "zstd"),
  async fn() {
    using cache = ownCache();
    using _logins = noLogins();
    const [ours, other] = [makeImage(), makeImage({ architecture: OTHER_ARCHITECTURE })];
    const all: [string, typeof ours][] = [[OTHER_ARCHITECTURE, other], [
      IMAGE_CONFIG.architecture,
      ours,
    ]];
    const { index, blobs } = makeIndex(all);
    await using registry = serveRegistry(blobs, index, { auth: "token" });
    const progress: SourceProgress[] = [];
    const onProgress = (step: SourceProgress) => void progress.push(step);
    await using source = await openSource(registry.from, { onProgress });
    assert.deepEqual(source.config, IMAGE_CONFIG);
    const documents = [index, ours.manifest, ours.config].map(({ digest }) => digest).sort();
    assert.deepEqual(blobsIn(cache.path), documents);
    assert.deepEqual(await rootOf(source), ROOT_LINES);
    const layers = ours.layers.map(({ digest }) => digest);
    assert.deepEqual(blobsIn(cache.path), [...documents, ...layers].sort());
    for (const { digest, size } of ours.layers) {
      const steps = progress.filter(({ what }) => what === digest);
      assert.deepEqual(steps.at(-1), { what: digest, bytes: size, totalBytes: size });
    }
    const { length } = registry.seen;
    assert.deepEqual(await pull(registry.from), ROOT_LINES);
    // The tag may have moved; everything else is in the cache.
    const asked = registry.seen.slice(length).map(({ path }) => path);
    assert.deepEqual([...new Set(asked)], ["/v2/team/app/manifests/v1", "/token"]);
  },
});

Deno.test("an image with a digest comes from the cache, without its registry", async () => {
  using _cache = ownCache();
  using _logins = noLogins();
  const identities = new Set<string>();
  let from: string;
  {
    await using registry = serveSmall();
    from = `oci://${registry.host}/team/app:other-tag@${SMALL.manifest.digest}`;
    await using source = await openSource(from);
    await using tagged = await openSource(registry.from);
    await rootOf(source);
    identities.add(source.identity).add(tagged.identity);
  }
  await using source = await openSource(from);
  assert.equal((await rootOf(source)).length, 6);
  identities.add(source.identity);
  assert.equal(identities.size, 1);
});

Deno.test("a login comes from options, the environment, or docker login", async () => {
  using logins = noLogins();
  for (const auth of ["basic", "token"] as const) {
    await using registry = serveSmall({ auth, user: "me:secret:1" });
    const auths = { [registry.host]: { auth: btoa("me:secret:1") } };
    {
      using _cache = ownCache();
      await pull(registry.from, { registry: { username: "me", password: "secret:1" } });
    }
    {
      using _cache = ownCache();
      using _user = setEnv("EXECVM_REGISTRY_USERNAME", "me");
      using _password = setEnv("EXECVM_REGISTRY_PASSWORD", "secret:1");
      await pull(registry.from);
    }
    {
      using _cache = ownCache();
      Deno.writeTextFileSync(`${logins.path}/config.json`, JSON.stringify({ auths }));
      await pull(registry.from);
      Deno.removeSync(`${logins.path}/config.json`);
    }
  }
});

Deno.test("a missing or wrong login is reported with what to do", async () => {
  using _cache = ownCache();
  using logins = noLogins();
  const config = (value: unknown) =>
    Deno.writeTextFileSync(`${logins.path}/config.json`, JSON.stringify(value));
  for (const auth of ["basic", "token"] as const) {
    await using registry = serveSmall({ auth, user: "me:secret" });
    const rows: [unknown, SourceOptions, RegExp][] = [
      [
        {},
        {},
        /requires a login, or has no such image; there is no login for it in .*: docker login 127/,
      ],
      [
        { credsStore: "pass" },
        {},
        /its login is in docker-credential-pass, which is not supported/,
      ],
      [{ credHelpers: { [registry.host]: "ecr" } }, {}, /in docker-credential-ecr/],
      [{ auths: { [registry.host]: { auth: "?" } } }, {}, /the login for it in .* is damaged/],
      [{ auths: { [registry.host]: { identitytoken: "x" } } }, {}, /has an identity token/],
      [{}, { registry: { username: "you", password: "x" } }, /does not let "you" pull it/],
      [{}, { registry: { username: "you" } }, /must both be set: one is not$/],
    ];
    for (const [stored, options, message] of rows) {
      config(stored);
      await assert.rejects(openSource(registry.from, options), { message }, String(message));
    }
  }
});

Deno.test("a redirect to another host is followed, without our login", async () => {
  using _cache = ownCache();
  using _logins = noLogins();
  await using storage = serveSmall();
  await using registry = serveSmall({
    auth: "token",
    instead: ({ path }) =>
      path === LAYER_PATH
        ? new Response(null, {
          status: 307,
          headers: { location: `http://${storage.host}${path}` },
        })
        : undefined,
  });
  assert.equal((await pull(registry.from)).length, 6);
  assert.deepEqual(storage.seen, [{ path: LAYER_PATH, authorization: null, range: null }]);
  assert.equal(registry.seen.at(-1)?.authorization, "Bearer a-token");
});

Deno.test("endless redirects, and those to plain HTTP, are refused", async () => {
  using _logins = noLogins();
  const rows: [string, RegExp][] = [
    [LAYER_PATH, /redirects more than 5 times$/],
    ["http://registry.example/x", /http:\/\/registry.example is not https: set insecure/],
    ["file:///etc/passwd", /is not https/],
  ];
  for (const [location, message] of rows) {
    using _cache = ownCache();
    await using registry = serveSmall({
      instead: ({ path }) =>
        path === LAYER_PATH
          ? new Response(null, { status: 302, headers: { location } })
          : undefined,
    });
    await assert.rejects(pull(registry.from), { message });
  }
});

Deno.test("a blob that ends too early is resumed", async () => {
  using _cache = ownCache();
  using _logins = noLogins();
  const bytes = SMALL.blobs.get(LAYER!.digest)!;
  const half = bytes.slice(0, bytes.length >> 1);
  let answers = 0;
  await using registry = serveSmall({
    instead: ({ path }) => path === LAYER_PATH && answers++ === 0 ? new Response(half) : undefined,
  });
  assert.equal((await pull(registry.from)).length, 6);
  const ranges = registry.seen.filter(({ path }) => path === LAYER_PATH).map(({ range }) => range);
  assert.deepEqual(ranges, [null, `bytes=${half.length}-`]);
});

Deno.test("an interrupted blob is requested again, but not for ever", async () => {
  using _logins = noLogins();
  const start = SMALL.blobs.get(LAYER!.digest)!.subarray(0, 20);
  {
    using _cache = ownCache();
    let answers = 0;
    await using registry = serveSmall({
      instead: ({ path }) => path === LAYER_PATH && answers++ === 0 ? brokenBody(start) : undefined,
    });
    assert.equal((await pull(registry.from)).length, 6);
    assert.equal(answers, 2);
  }
  using cache = ownCache();
  let answers = 0;
  await using registry = serveSmall({
    instead: ({ path }) => path === LAYER_PATH && ++answers > 0 ? refuse(503, "BUSY") : undefined,
  });
  await assert.rejects(pull(registry.from), { message: /answered 503 .*\(it says: BUSY it is\)$/ });
  assert.equal(answers, 6);
  assert.ok(!blobsIn(cache.path).includes(LAYER!.digest));
});

Deno.test("a blob is restarted if the server does not support ranges", async () => {
  using _cache = ownCache();
  using _logins = noLogins();
  const bytes = SMALL.blobs.get(LAYER!.digest)!;
  let answers = 0;
  await using registry = serveSmall({
    instead({ path }) {
      if (path !== LAYER_PATH) return undefined;
      return answers++ === 0 ? brokenBody(bytes.subarray(0, 20)) : new Response(bytes.slice());
    },
  });
  assert.equal((await pull(registry.from)).length, 6);
});

Deno.test("a blob that does not match its digest is not kept", async () => {
  using _logins = noLogins();
  const bytes = SMALL.blobs.get(LAYER!.digest)!;
  const rows: [Uint8Array, RegExp][] = [
    [bytes.toReversed(), /the digest of a blob is sha256:.* in place of sha256:/],
    [new Uint8Array([...bytes, 0]), /has more than the \d+ bytes that it should have$/],
  ];
  for (const [wrong, message] of rows) {
    using cache = ownCache();
    await using registry = serveSmall({
      instead: ({ path }) => path === LAYER_PATH ? new Response(wrong.slice()) : undefined,
    });
    await assert.rejects(pull(registry.from), { message });
    const kept = [SMALL.manifest, SMALL.config].map(({ digest }) => digest).sort();
    assert.deepEqual(blobsIn(cache.path), kept);
  }
});

Deno.test("a damaged blob in the cache is fetched again", async () => {
  using cache = ownCache();
  using _logins = noLogins();
  await using registry = serveSmall();
  await pull(registry.from);
  const path = `${cache.path}/blobs/${LAYER!.digest.replace(":", "/")}`;
  const bytes = Deno.readFileSync(path);
  for (const damaged of [bytes.toReversed(), bytes.subarray(1)]) {
    Deno.writeFileSync(path, damaged);
    assert.equal((await pull(registry.from)).length, 6);
    assert.deepEqual(Deno.readFileSync(path), bytes);
  }
});

const SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
const OLD_ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json";

Deno.test("each refusal of a registry is reported in a line", async () => {
  using _cache = ownCache();
  using _logins = noLogins();
  const rows: [() => Response, RegExp][] = [
    [
      () => refuse(404, "MANIFEST_UNKNOWN"),
      / has no 127.*\/team\/app:v1 \(it says: MANIFEST_UNKNOWN it/,
    ],
    [
      () => refuse(403, "DENIED"),
      /requires a login, or has no such image.*\(it says: DENIED it is\)$/,
    ],
    [() => refuse(401, "X"), /it asks for a login of an unknown kind$/],
    [
      () => refuse(429, "TOOMANYREQUESTS", { "retry-after": "30" }),
      /limits how much may be pulled: try again in 30 s, or log in: docker login/,
    ],
    [() => refuse(500, "\x1b[31m\n"), /answered 500 .*\(it says: \ufffd\[31m {2}it is\)$/],
    [() => new Response("<html>"), /it is not a supported image but text\/plain/],
    [() => Response.json({}), /it is not a supported image but application\/json$/],
    [
      () => new Response("{}", { headers: { "content-type": OLD_ARTIFACT } }),
      /it is an OCI artifact \(application.*\), not an image with a root$/,
    ],
    [
      () => new Response("{}", { headers: { "content-type": SCHEMA_1 } }),
      /it uses Docker's schema 1, .*: push the image again$/,
    ],
  ];
  for (const [instead, message] of rows) {
    await using registry = serveSmall({ instead });
    await assert.rejects(openSource(registry.from), {
      message: new RegExp(`^cannot pull 127\\.0\\.0\\.1:\\d+/team/app:v1: .*${message.source}`),
    });
  }
});

Deno.test("a manifest that does not match the reference's digest is refused", async () => {
  using cache = ownCache();
  using _logins = noLogins();
  const other = makeImage({ tars: LAYER_TARS.slice(0, 2) });
  await using registry = serveSmall({
    instead: ({ path }) =>
      path.includes("manifests")
        ? new Response(other.blobs.get(other.manifest.digest)!.slice(), {
          headers: { "content-type": other.manifest.mediaType },
        })
        : undefined,
  });
  const from = `oci://${registry.host}/team/app@${SMALL.manifest.digest}`;
  const message = new RegExp(`its manifest is ${other.manifest.digest} in place of`);
  await assert.rejects(openSource(from), { message });
  assert.deepEqual([...Deno.readDirSync(cache.path)], []);
});

Deno.test("a registry that cannot be reached is reported", async () => {
  using _cache = ownCache();
  using _logins = noLogins();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const message = new RegExp(`: 127.0.0.1:${port} cannot be reached: `);
  await assert.rejects(openSource(`oci://127.0.0.1:${port}/team/app`), { message });
});

Deno.test("pulling ends with the reason of its signal, and keeps no part of a blob", async () => {
  using cache = ownCache();
  using _logins = noLogins();
  const aborter = new AbortController();
  const reason = new Error("enough");
  const start = SMALL.blobs.get(LAYER!.digest)!.slice(0, 20);
  await using registry = serveSmall({
    instead: ({ path }) =>
      path === LAYER_PATH
        ? new Response(new ReadableStream({ start: (controller) => controller.enqueue(start) }))
        : undefined,
  });
  const onProgress = ({ what }: SourceProgress) => {
    if (what === LAYER!.digest) aborter.abort(reason);
  };
  const pulling = pull(registry.from, { signal: aborter.signal, onProgress });
  await assert.rejects(pulling, (error: Error) => error === reason || error.cause === reason);
  const kept = [SMALL.manifest, SMALL.config].map(({ digest }) => digest).sort();
  assert.deepEqual(blobsIn(cache.path), kept);
});
