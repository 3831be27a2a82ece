// Detects folders that are not a root but would be packed as one: the stores of container tools.

import { join } from "node:path";

/** A kind of folder. */
interface ForeignFolder {
  /** Names that all exist in it. */
  readonly names: readonly string[];
  readonly fact: string;
}

const OF_PODMAN = "it is where podman and buildah keep images: " +
  "take one out with podman save --format oci-dir -o FOLDER IMAGE";

const FOREIGN: readonly ForeignFolder[] = [
  { names: ["overlay-images", "overlay-layers"], fact: OF_PODMAN },
  { names: ["vfs-images", "vfs-layers"], fact: OF_PODMAN },
  {
    names: ["image", "containers", "buildkit"],
    fact: "it is where Docker keeps images: docker:NAME takes one",
  },
  {
    names: ["io.containerd.content.v1.content"],
    fact: "it is where containerd keeps images: take one out with ctr images export FILE IMAGE",
  },
  {
    names: ["blobs/sha256"],
    fact: "it has blobs of images, but no index.json that lists them",
  },
];

/** What a folder is in place of a root, and what to do; undefined if it may be a root. */
export function foreignFact(folder: string): string | undefined {
  if (isBundle(folder)) return "it is the bundle of a container: use its folder rootfs";
  return FOREIGN.find(({ names }) => names.every((name) => exists(join(folder, name))))?.fact;
}

/**
 * Whether it is a bundle, which runc runs and `umoci unpack` makes (OCI runtime spec, bundle.md and
 * config.md).
 */
function isBundle(folder: string): boolean {
  try {
    const { ociVersion } = JSON.parse(Deno.readTextFileSync(join(folder, "config.json")));
    return typeof ociVersion === "string" && exists(join(folder, "rootfs"));
  } catch {
    return false; // in a root, config.json may be anything
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false; // openFolder reports what cannot be read
  }
}
