// Folders that are no root, and would be packed as one: what container tools keep for themselves.

import { join } from "node:path";

/** What is there, and what to do with it. */
interface ForeignFolder {
  /** Names of which all are there. */
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
    fact: "it has the blobs of images, and no index.json that tells which they are",
  },
];

/** What a folder is instead of a root, and what to do; undefined if it may be one. */
export function foreignFact(folder: string): string | undefined {
  if (isBundle(folder)) return "it is the bundle of a container: give its folder rootfs";
  return FOREIGN.find(({ names }) => names.every((name) => exists(join(folder, name))))?.fact;
}

/** OCI runtime spec, bundle.md and config.md: what runc runs, and `umoci unpack` makes. */
function isBundle(folder: string): boolean {
  try {
    const { ociVersion } = JSON.parse(Deno.readTextFileSync(join(folder, "config.json")));
    return typeof ociVersion === "string" && exists(join(folder, "rootfs"));
  } catch {
    return false; // of a root it may be anything
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false; // openFolder says what cannot be read
  }
}
