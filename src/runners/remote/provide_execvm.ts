// Makes sure that the remote host has this very version of execvm.

import type { OwnProgram } from "../../bundle/own_program.ts";
import { RunnerError } from "../../model/errors.ts";
import { denoRun } from "../../self/start_again.ts";
import type { OnPhase } from "../contract/runner.ts";
import { keepArgv, lookArgv, parsePlace, type RemotePlace } from "./copy_programs.ts";
import { lastLine, type RemoteOutput, type RemoteShell } from "./shell.ts";

/** Options of {@linkcode provideExecvm}. */
export interface ProvideOptions {
  /** The kind of the runner, for errors. */
  readonly runner: string;
  /** Path of Deno on the remote host, if known. */
  readonly deno?: string | undefined;
  readonly onPhase?: OnPhase | undefined;
}

/**
 * Copies the program that runs here into the remote user's cache, unless a file with its hash is
 * there already.
 *
 * @returns the argv that starts it there
 * @throws {RunnerError} if it cannot be copied, or could not run there.
 */
export async function provideExecvm(
  shell: RemoteShell,
  options: ProvideOptions,
): Promise<readonly string[]> {
  const { ownProgram } = await import("../../bundle/own_program.ts");
  const own = await ownProgram();
  const found = await shell(lookArgv(own.sha256, nameOf(own), options.deno));
  const place = parsePlace(found.stdout, own.sha256);
  if (place === undefined) throw failure("its cache cannot be found", found, options);
  const argv = argvOf(own, place, options);
  if (place.isThere) return argv;
  options.onPhase?.("copying", `execvm, ${(own.bytes / 1e6).toFixed(1)} MB`);
  using file = await Deno.open(own.path);
  const kept = await shell(keepArgv(own.sha256, place.path), file.readable);
  if (kept.code !== 0) throw failure("it cannot be stored", kept, options);
  return argv;
}

/** Returns its file name. Deno caches compiled code only for files with the name of a script. */
function nameOf({ sha256, kind }: OwnProgram): string {
  return kind === "script" ? `${sha256}.js` : sha256;
}

function argvOf(
  { kind, processor }: OwnProgram,
  place: RemotePlace,
  options: ProvideOptions,
): readonly string[] {
  if (kind === "script" && place.deno === undefined) {
    const fact = options.deno === undefined ? "there is no Deno" : `${options.deno} is not there`;
    const advice = "install it there (npm install -g deno), or give its path with `deno`";
    throw failure(`${fact}, and execvm needs it: ${advice}`, undefined, options);
  }
  if (kind === "script") return [...denoRun(place.deno!), place.path];
  if (processor === place.processor) return [place.path];
  const fact = `this execvm is for ${processor} and the processor there is ${place.processor}`;
  throw failure(`${fact}: give the path of another one with \`execvm\``, undefined, options);
}

function failure(fact: string, output: RemoteOutput | undefined, { runner }: ProvideOptions) {
  const words = output === undefined ? undefined : lastLine(output.stderr);
  const message = `cannot install execvm on the remote host: ${fact}${
    words === undefined ? "" : `: ${words}`
  }`;
  return new RunnerError(message, { runner, phase: "copy", consoleTail: output?.stderr ?? "" });
}
