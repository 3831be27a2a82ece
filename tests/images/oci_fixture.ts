// Handmade images in all forms: blobs, a layout, an archive, `docker save`.

import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { HOST_PLATFORM } from "../../src/images/platform.ts";
import { rawTar } from "./fixture.ts";

export const OCI = "application/vnd.oci.image";
const ARCHITECTURE = HOST_PLATFORM.split("/")[1]!;

/** The architecture that is not the host's. */
export const OTHER_ARCHITECTURE: string = ARCHITECTURE === "amd64" ? "arm64" : "amd64";

/** Files by name. */
export type Files = Map<string, Uint8Array>;

export interface TestDescriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { os: string; architecture: string };
  annotations?: Record<string, string>;
}

/** An image: its blobs, and the descriptor of its manifest. */
export interface TestImage {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifest: TestDescriptor;
  readonly layers: readonly TestDescriptor[];
  readonly config: TestDescriptor;
  /** The layers as plain tars. */
  readonly tars: readonly Uint8Array[];
}

export const LAYER_TARS: readonly Uint8Array[] = [
  rawTar(
    { name: "bin/", type: "5", mode: 0o755 },
    { name: "bin/sh", data: "#!", mode: 0o755 },
    { name: "bin/ash", type: "1", link: "bin/sh", mode: 0o755 },
    { name: "etc/secret", data: "lower" },
  ),
  rawTar({ name: "etc/.wh.secret" }, { name: "etc/name", data: "middle" }),
  rawTar({ name: "etc/name", data: "upper" }, { name: "bin/sh", data: "new", mode: 0o755 }),
];

/** The root of an image of these layers, in the form of `listTar`. */
export const ROOT_LINES: readonly string[] = [
  "./ | directory 755 0:0",
  "bin/ | directory 755 0:0",
  "etc/ | directory 755 0:0",
  "bin/ash | file 755 0:0 | #!",
  "etc/name | file 644 0:0 | upper",
  "bin/sh | file 755 0:0 | new",
];

export const RUN_CONFIG = {
  Env: ["PATH=/bin", "A=b=c", "EMPTY="],
  WorkingDir: "/srv",
  User: "1000:1000",
  Entrypoint: ["/bin/sh"],
  Cmd: ["-c", "true"],
};

/** The configuration as execvm reads it. */
export const IMAGE_CONFIG = {
  env: { PATH: "/bin", A: "b=c", EMPTY: "" },
  workingDir: "/srv",
  user: "1000:1000",
  entrypoint: ["/bin/sh"],
  cmd: ["-c", "true"],
  architecture: ARCHITECTURE,
};

export function digest(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Adds a document to the blobs, and returns its descriptor. */
export function putDocument(
  blobs: Map<string, Uint8Array>,
  mediaType: string,
  document: unknown,
): TestDescriptor {
  const bytes = json(document);
  blobs.set(digest(bytes), bytes);
  return { mediaType, digest: digest(bytes), size: bytes.length };
}

/** Variations of an image. */
export interface ImageOptions {
  readonly architecture?: string;
  readonly tars?: readonly Uint8Array[];
  /** In place of the correct ones. */
  readonly diffIds?: readonly string[];
  readonly mediaType?: string;
  /** For tools without zstd. */
  readonly compression?: "gzip";
}

/** An image with a gzipped, a zstd and a plain layer. */
export function makeImage(options: ImageOptions = {}): TestImage {
  const { architecture = ARCHITECTURE, tars = LAYER_TARS, mediaType } = options;
  const blobs = new Map<string, Uint8Array>();
  const put = (type: string, bytes: Uint8Array): TestDescriptor => {
    blobs.set(digest(bytes), bytes);
    return { mediaType: type, digest: digest(bytes), size: bytes.length };
  };
  const forms = [
    (tar: Uint8Array) =>
      put(mediaType ?? `${OCI}.layer.v1.tar+gzip`, new Uint8Array(gzipSync(tar))),
    (tar: Uint8Array) =>
      put(mediaType ?? `${OCI}.layer.v1.tar+zstd`, new Uint8Array(zstdCompressSync(tar))),
    (tar: Uint8Array) => put(mediaType ?? `${OCI}.layer.v1.tar`, tar),
  ];
  const count = options.compression === "gzip" ? 1 : forms.length;
  const layers = tars.map((tar, index) => forms[index % count]!(tar));
  const diff_ids = options.diffIds ?? tars.map(digest);
  const config = put(
    `${OCI}.config.v1+json`,
    json({ os: "linux", architecture, config: RUN_CONFIG, rootfs: { type: "layers", diff_ids } }),
  );
  const manifest = put(
    `${OCI}.manifest.v1+json`,
    json({ schemaVersion: 2, mediaType: `${OCI}.manifest.v1+json`, config, layers }),
  );
  return { blobs, manifest, layers, config, tars };
}

/** An index, and all blobs that it refers to. */
export interface TestIndex {
  readonly index: TestDescriptor;
  readonly blobs: Map<string, Uint8Array>;
}

/** An index of images for these platforms, and an attestation like BuildKit's. */
export function makeIndex(
  images: readonly (readonly [architecture: string, TestImage])[],
): TestIndex {
  const manifests: TestDescriptor[] = images.map(([architecture, { manifest }]) => ({
    ...manifest,
    platform: { os: "linux", architecture },
  }));
  const first = images[0]![1].manifest;
  const platform = { os: "unknown", architecture: "unknown" };
  const bytes = json({ schemaVersion: 2, manifests: [{ ...first, platform }, ...manifests] });
  const index = { mediaType: `${OCI}.index.v1+json`, digest: digest(bytes), size: bytes.length };
  const blobs = new Map([...images.flatMap(([, it]) => [...it.blobs]), [index.digest, bytes]]);
  return { index, blobs };
}

/** The files of a layout. */
export function layoutFiles(
  blobs: ReadonlyMap<string, Uint8Array>,
  ...manifests: TestDescriptor[]
): Files {
  return new Map([
    ["oci-layout", json({ imageLayoutVersion: "1.0.0" })],
    ["index.json", json({ schemaVersion: 2, manifests })],
    ...[...blobs].map(([name, bytes]) =>
      [`blobs/${name.replace(":", "/")}`, bytes] as [string, Uint8Array]
    ),
  ]);
}

/** The files of a `docker save` archive from before it wrote layouts. */
export function savedFiles({ blobs, config, tars }: TestImage, ...tags: string[]): Files {
  const hex = config.digest.slice("sha256:".length);
  const names = tars.map((tar) => `${digest(tar).slice("sha256:".length)}/layer.tar`);
  return new Map([
    ...names.map((name, index) => [name, tars[index]!] as [string, Uint8Array]),
    [`${hex}.json`, blobs.get(config.digest)!],
    ["manifest.json", json([{ Config: `${hex}.json`, RepoTags: tags, Layers: names }])],
  ]);
}

/** The files that skopeo writes to `dir:`, and podman as `docker-dir`; also for an index. */
export function dirFiles(
  blobs: ReadonlyMap<string, Uint8Array>,
  root: TestDescriptor,
  ...manifests: TestDescriptor[]
): Files {
  const hex = (name: string) => name.slice("sha256:".length);
  const isManifest = (name: string) => manifests.some(({ digest }) => digest === name);
  return new Map([
    ["version", new TextEncoder().encode("Directory Transport Version: 1.1\n")],
    ["manifest.json", blobs.get(root.digest)!],
    ...[...blobs].filter(([name]) => name !== root.digest).map(([name, bytes]) =>
      [isManifest(name) ? `${hex(name)}.manifest.json` : hex(name), bytes] as [string, Uint8Array]
    ),
  ]);
}

/** Files as a tar, without folders. */
export function filesTar(files: Files): Uint8Array {
  return rawTar(...[...files].map(([name, data]) => ({ name, data })));
}

/** Writes files below a folder. */
export function writeFiles(folder: string, files: Files): void {
  for (const [name, bytes] of files) {
    Deno.mkdirSync(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeFileSync(`${folder}/${name}`, bytes);
  }
}
