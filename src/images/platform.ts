// Chooses the image for a platform out of several. Pure.

import type { Descriptor, Platform } from "./oci_schema.ts";

/** Go's names of the supported architectures. */
const ARCHITECTURES = { x86_64: "amd64", aarch64: "arm64" } as const;

/** The variant that a missing one stands for (containerd, platforms/database.go). */
const DEFAULT_VARIANTS: Readonly<Record<string, string>> = { arm64: "v8", arm: "v7" };

/** The platform of this host. */
export const HOST_PLATFORM: string = `linux/${ARCHITECTURES[Deno.build.arch]}`;

/** Parses `OS/ARCHITECTURE` or `OS/ARCHITECTURE/VARIANT`. @throws {TypeError} if it is neither. */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...more] = text.split("/");
  if (!os || !architecture || variant === "" || more.length > 0) {
    throw new TypeError(
      `cannot use the platform ${JSON.stringify(text)}: it must be like ${HOST_PLATFORM}`,
    );
  }
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

/** Formats a platform as `parsePlatform` reads it. */
export function showPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join("/");
}

/**
 * Chooses the best of `manifests` for a platform; undefined if there is none. If no variant is
 * wanted, the lowest one is chosen. Manifests without a platform are ignored.
 */
export function choosePlatform(
  manifests: readonly Descriptor[],
  wanted: Platform,
): Descriptor | undefined {
  const rank = ({ platform }: Descriptor) => variantOf(platform!) ?? "";
  return manifests
    .filter(({ platform }) => platform !== undefined && fits(platform, wanted))
    .sort((a, b) => rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0)[0];
}

/** Whether an image for `platform` can be used where `wanted` is asked for. */
export function fits(platform: Platform, wanted: Platform): boolean {
  if (platform.os !== wanted.os || platform.architecture !== wanted.architecture) return false;
  return wanted.variant === undefined || variantOf(platform) === variantOf(wanted);
}

function variantOf({ architecture, variant }: Platform): string | undefined {
  return variant || DEFAULT_VARIANTS[architecture];
}
