// Provides a Deno for guests of this host's architecture.

import { programPath } from "../src/host/program_path.ts";
import { writeAside } from "../src/host/write_aside.ts";
import { HOST_ARCH } from "../src/machine/architectures.ts";
import { messageOf } from "../src/model/errors.ts";
import { ownForm } from "../src/self/own_form.ts";
import { denoPath, ensureDeno } from "./npm_deno.ts";

/**
 * Returns the path of a Deno: the running program, unless that is a compiled program that only
 * includes execvm. For such a program the cache gets the `deno` in PATH, if it has the same version,
 * else the one of npm.
 *
 * @throws {Error} if there is neither.
 */
export async function hostDeno(onProgress: (step: string) => void = () => {}): Promise<string> {
  if (!Deno.build.standalone || ownForm() === "binary") return Deno.execPath();
  const kept = denoPath(HOST_ARCH);
  if (await isFile(kept)) return kept;
  const found = await findSameDeno();
  if (found === undefined) {
    return await ensureDeno(HOST_ARCH, onProgress).catch((error) => {
      const fact = `this program is compiled, and PATH has no Deno ${Deno.version.deno}`;
      throw new Error(`cannot make a guest: ${fact}: ${messageOf(error)}`, { cause: error });
    });
  }
  await writeAside(kept, (aside) => Deno.copyFile(found, aside));
  return kept;
}

/** Returns the path of the `deno` in PATH if it is a program of our version, not a script. */
async function findSameDeno(): Promise<string | undefined> {
  const deno = programPath("deno");
  if (deno === undefined || !await isElf(deno)) return undefined;
  const { stdout } = await new Deno.Command(deno, { args: ["--version"], stdin: "null" }).output();
  const isSame = new TextDecoder().decode(stdout).startsWith(`deno ${Deno.version.deno} `);
  return isSame ? deno : undefined;
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then((it) => it.isFile, () => false);
}

async function isElf(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const magic = new Uint8Array(4);
  await file.read(magic);
  return new TextDecoder().decode(magic) === "\x7fELF";
}
