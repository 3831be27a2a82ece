// What is stored as an image is, and is none: charts, signatures, attestations. Pure.

import type { Descriptor, ImageManifest } from "./oci_schema.ts";

/**
 * Media types of what says how an image is run: OCI image spec, and Docker's, which old registries gave
 * another one (moby, distribution/registry.go).
 */
const CONFIG_TYPES = [
  ...["", "application/octet-stream", "application/json", "text/html"],
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
];

/** What media types begin with, and what they are of. */
const KINDS: readonly (readonly [start: RegExp, kind: string])[] = [
  [/^application\/vnd\.cncf\.helm\./, "a Helm chart"],
  [/^application\/vnd\.dev\.cosign\.simplesigning\./, "a signature of cosign"],
  [/^application\/vnd\.dev\.sigstore\.bundle/, "a signature of sigstore"],
  [/^application\/vnd\.cncf\.notary\.signature/, "a signature of Notary"],
  [/^application\/vnd\.(?:in-toto\+|dsse\.)/, "an attestation"],
  [/^(?:text\/spdx|application\/(?:spdx|vnd\.cyclonedx|vnd\.syft))/, "a list of contents (SBOM)"],
  [/^application\/(?:vnd\.)?(?:w3c\.)?wasm/, "a WebAssembly module"],
  [/^application\/vnd\.docker\.plugin\./, "a plugin of Docker"],
  [/^application\/vnd\.buildkit\.cacheconfig\./, "a build cache of BuildKit"],
  [/^application\/vnd\.cncf\.flux\./, "a source of Flux"],
];

/** What is said of one, without its parts. */
type ArtifactManifest = Pick<ImageManifest, "config" | "layers" | "artifactType">;

/** What a manifest is of, if it is no image; undefined if it may be one. */
export function artifactFact(
  { config, layers, artifactType }: ArtifactManifest,
): string | undefined {
  const isConfig = CONFIG_TYPES.includes(config.mediaType);
  const types = [...artifactType ? [artifactType] : [], config.mediaType];
  const parts = layers.map(({ mediaType }) => mediaType);
  // Signatures and attestations have the configuration of an image, and something else for layers.
  const known = [...isConfig ? [] : types, ...parts].find((type) => kindOf(type) !== undefined);
  if (isConfig && known === undefined) return undefined;
  return artifactWords(known ?? types[0]!);
}

/** What is of a media type, in words. */
export function artifactWords(mediaType: string): string {
  return `it is ${kindOf(mediaType) ?? "an OCI artifact"} (${mediaType}), and no image with a root`;
}

/** Whether an entry of an index says that it belongs to another one, or is something else than an image. */
export function isAttached({ artifactType, annotations }: Descriptor): boolean {
  // Of BuildKit: docs/attestations/attestation-storage.md.
  return artifactType !== undefined || annotations?.["vnd.docker.reference.type"] !== undefined;
}

function kindOf(mediaType: string): string | undefined {
  return KINDS.find(([start]) => start.test(mediaType))?.[1];
}
