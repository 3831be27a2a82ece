// Which of several images is for this machine. Pure.

import type { Descriptor, Platform } from "./oci_schema.ts";

/** Go's names of the architectures that there are kernels for. */
const ARCHITECTURES = { x86_64: "amd64", aarch64: "arm64" } as const;

/** What a missing variant means (containerd, platforms/database.go). */
const DEFAULT_VARIANTS: Readonly<Record<string, string>> = { arm64: "v8", arm: "v7" };

/** The platform of this machine. */
export const HOST_PLATFORM: string = `linux/${ARCHITECTURES[Deno.build.arch]}`;

/** Reads `OS/ARCHITECTURE` or `OS/ARCHITECTURE/VARIANT`. @throws {TypeError} if it is none. */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...more] = text.split("/");
  if (!os || !architecture || variant === "" || more.length > 0) {
    throw new TypeError(
      `Cannot use the platform ${JSON.stringify(text)} as it must be like ${HOST_PLATFORM}`,
    );
  }
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

/** As `parsePlatform` reads it. */
export function showPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join("/");
}

/**
 * The best of `manifests` for a platform: with no variant asked for, the one that needs least; undefined
 * if there is none. One that does not say what it is for is not taken.
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

/** Whether an image for `platform` is what is wanted. */
export function fits(platform: Platform, wanted: Platform): boolean {
  if (platform.os !== wanted.os || platform.architecture !== wanted.architecture) return false;
  return wanted.variant === undefined || variantOf(platform) === variantOf(wanted);
}

function variantOf({ architecture, variant }: Platform): string | undefined {
  return variant || DEFAULT_VARIANTS[architecture];
}
