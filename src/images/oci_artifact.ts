// Recognizes artifacts that are stored like images but are not images: charts, signatures,
// attestations. Pure.

import type { Descriptor, ImageManifest } from "./oci_schema.ts";

/**
 * Media types of an image's configuration: those of the OCI image spec and of Docker, and those
 * that old registries return in their place (moby, distribution/registry.go).
 */
const CONFIG_TYPES = [
  ...["", "application/octet-stream", "application/json", "text/html"],
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
];

/** Prefixes of media types, and what they are used for. */
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

/** The parts of a manifest that are looked at. */
type ArtifactManifest = Pick<ImageManifest, "config" | "layers" | "artifactType">;

/** Describes what a manifest is in place of an image; undefined if it may be an image. */
export function artifactFact(
  { config, layers, artifactType }: ArtifactManifest,
): string | undefined {
  const isConfig = CONFIG_TYPES.includes(config.mediaType);
  const types = [...artifactType ? [artifactType] : [], config.mediaType];
  const parts = layers.map(({ mediaType }) => mediaType);
  // Signatures and attestations have the configuration type of an image, but other layer types.
  const known = [...isConfig ? [] : types, ...parts].find((type) => kindOf(type) !== undefined);
  if (isConfig && known === undefined) return undefined;
  return artifactWords(known ?? types[0]!);
}

/** Describes something of a media type that is not an image, as a clause. */
export function artifactWords(mediaType: string): string {
  return `it is ${kindOf(mediaType) ?? "an OCI artifact"} (${mediaType}), not an image with a root`;
}

/**
 * Whether an entry of an index belongs to another one, or is marked as something else than an
 * image.
 */
export function isAttached({ artifactType, annotations }: Descriptor): boolean {
  // BuildKit: docs/attestations/attestation-storage.md.
  return artifactType !== undefined || annotations?.["vnd.docker.reference.type"] !== undefined;
}

function kindOf(mediaType: string): string | undefined {
  return KINDS.find(([start]) => start.test(mediaType))?.[1];
}
