// The program of this very execvm, as one file that can be copied to another computer.

import { fileURLToPath } from "node:url";
import { hashFile } from "../../guest-build/hash_file.ts";
import { writeAside } from "../../guest-build/write_aside.ts";
import { cacheDir } from "../vm/cache.ts";

/** A file, and what runs it. */
export interface OwnProgram {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** A script needs Deno. */
  readonly kind: "binary" | "script";
  /** The processor that a binary is for, as `uname -m` has it. */
  readonly processor: string;
}

let own: Promise<OwnProgram> | undefined;

/** The program: the compiled binary or the bundle that runs now, or a bundle of these sources. */
export function ownProgram(): Promise<OwnProgram> {
  return own ??= find();
}

async function find(): Promise<OwnProgram> {
  const path = `${cacheDir()}/bundles/x`;
  const main = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
  await writeAside(path, async (aside) => {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--platform", "deno", main, "-o", aside],
    });
    await command.output();
  });
  return {
    path,
    bytes: (await Deno.stat(path)).size,
    sha256: await hashFile(path),
    kind: "script",
    processor: Deno.build.arch,
  };
}
