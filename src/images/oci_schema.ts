// The documents of an OCI image and Docker's equivalents, validated as they are read.
//
// OCI image spec: descriptor.md, image-index.md, manifest.md, config.md.

import * as z from "npm:zod@4.6.7";
import { messageOf } from "../model/errors.ts";
import { DIGEST } from "./reference.ts";

/** A reference to a blob in a document. */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly platform?: Platform | undefined;
  /** The type of an artifact that is not an image. */
  readonly artifactType?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** The platform that an image runs on, in Go's terms: `linux`, `amd64`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
}

/** Several images: one for each platform, or all of a layout. */
export interface ImageIndex {
  readonly manifests: readonly Descriptor[];
}

/** The fields by which documents are told apart. */
export interface DocumentHead {
  readonly schemaVersion?: number | undefined;
  readonly mediaType?: string | undefined;
  readonly artifactType?: string | undefined;
  /** In place of layers, in artifact manifests from before OCI 1.1. */
  readonly blobs?: readonly unknown[] | undefined;
}

/** The manifest of an image, or of an artifact that is stored like one. */
export interface ImageManifest {
  readonly artifactType?: string | undefined;
  readonly config: Descriptor;
  /** The lowest layer first. */
  readonly layers: readonly Descriptor[];
}

/** An image's settings for running commands. */
export interface RunConfig {
  readonly Env?: readonly string[] | null | undefined;
  readonly WorkingDir?: string | null | undefined;
  readonly User?: string | null | undefined;
  readonly Entrypoint?: readonly string[] | null | undefined;
  readonly Cmd?: readonly string[] | null | undefined;
}

/** The configuration of an image. */
export interface ConfigFile extends Platform {
  readonly config?: RunConfig | null | undefined;
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

/** An entry of the `manifest.json` of `docker save`, with paths in the archive. */
export interface SavedImage {
  readonly Config: string;
  readonly RepoTags?: readonly string[] | null | undefined;
  readonly Layers: readonly string[];
}

/** An image in the output of `docker image inspect`; podman's ids have no `sha256:`. */
export interface InspectedImage {
  readonly Id: string;
  readonly Os: string;
  readonly Architecture: string;
  readonly Variant?: string | undefined;
  readonly Config?: RunConfig | null | undefined;
}

/** All documents, by the name that {@linkcode parseDocument} takes. */
export interface Documents {
  readonly index: ImageIndex;
  readonly head: DocumentHead;
  readonly manifest: ImageManifest;
  readonly config: ConfigFile;
  readonly saved: readonly SavedImage[];
  readonly inspected: readonly InspectedImage[];
}

const HEX = /^[0-9a-f]{64}$/;

type Schemas = { readonly [Name in keyof Documents]: z.ZodType<Documents[Name]> };

let built: Schemas | undefined;

/**
 * Parses and validates a document; unknown fields are dropped.
 *
 * @throws {Error} if it is not valid; the message, a clause, names the first wrong field.
 */
export function parseDocument<Name extends keyof Documents>(
  name: Name,
  text: string,
): Documents[Name] {
  const parsed = (built ??= build())[name].safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(
    `it is not a valid ${name}: ${issue?.path.join(".") || "all of it"}: ${issue?.message}`,
  );
}

/** Whether a document is an index, by its fields: older ones have no media type. */
export function isIndex(text: string): boolean {
  const value = parseJson(text);
  return typeof value === "object" && value !== null && "manifests" in value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`it is not JSON: ${messageOf(cause)}`, { cause });
  }
}

function build(): Schemas {
  const digest = z.string().regex(DIGEST, "must be a sha256 digest");
  const platform = z.object({
    os: z.string(),
    architecture: z.string(),
    variant: z.string().optional(),
  });
  const descriptor = z.object({
    mediaType: z.string().default(""),
    digest,
    size: z.int().min(0),
    platform: platform.optional(),
    artifactType: z.string().optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  });
  const words = z.array(z.string()).nullish();
  const word = z.string().nullish();
  const options = z.object({
    Env: words,
    WorkingDir: word,
    User: word,
    Entrypoint: words,
    Cmd: words,
  });
  return {
    index: z.object({ manifests: z.array(descriptor) }),
    head: z.object({
      schemaVersion: z.number().optional(),
      mediaType: z.string().optional(),
      artifactType: z.string().optional(),
      blobs: z.array(z.unknown()).optional(),
    }),
    manifest: z.object({
      artifactType: z.string().optional(),
      config: descriptor,
      layers: z.array(descriptor),
    }),
    config: platform.extend({
      config: options.nullish(),
      rootfs: z.object({ diff_ids: z.array(digest) }),
    }),
    inspected: z.array(z.object({
      Id: z.string().transform((id) => HEX.test(id) ? `sha256:${id}` : id).pipe(digest),
      Os: z.string(),
      Architecture: z.string(),
      Variant: z.string().optional(),
      Config: options.nullish(),
    })),
    saved: z.array(
      z.object({ Config: z.string(), RepoTags: words, Layers: z.array(z.string()) }),
    ),
  };
}
