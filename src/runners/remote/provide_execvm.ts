// Having this very execvm at a far side.

import type { OwnProgram } from "../../bundle/own_program.ts";
import { RunnerError } from "../../model/errors.ts";
import { denoRun } from "../../self/start_again.ts";
import type { OnPhase } from "../contract/runner.ts";
import { keepArgv, lookArgv, parsePlace, type RemotePlace } from "./copy_programs.ts";
import { lastLine, type RemoteOutput, type RemoteShell } from "./shell.ts";

/** For whom it is. */
export interface ProvideOptions {
  /** The kind of the runner, for its errors. */
  readonly runner: string;
  /** Where Deno is over there, if that is known. */
  readonly deno?: string | undefined;
  readonly onPhase?: OnPhase | undefined;
}

/**
 * The argv of an execvm in the cache over there: of the very program that runs here. It is copied unless it is
 * there already, whole, which its hash says.
 *
 * @throws {RunnerError} if it cannot be copied, or would not run there.
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
  if (kept.code !== 0) throw failure("it cannot be kept", kept, options);
  return argv;
}

/** Deno keeps the compiled code of what is named as a script is. */
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
    const advice = "install it there (npm install -g deno), or say where it is with `deno`";
    throw failure(`${fact}, which it needs: ${advice}`, undefined, options);
  }
  if (kind === "script") return [...denoRun(place.deno!), place.path];
  if (processor === place.processor) return [place.path];
  const fact = `this one is for ${processor} and the processor is ${place.processor}`;
  throw failure(`${fact}: say where another one is with \`execvm\``, undefined, options);
}

function failure(fact: string, output: RemoteOutput | undefined, { runner }: ProvideOptions) {
  const words = output === undefined ? undefined : lastLine(output.stderr);
  const message = `Cannot have execvm over there as ${fact}${
    words === undefined ? "" : `: ${words}`
  }`;
  return new RunnerError(message, { runner, phase: "copy", consoleTail: output?.stderr ?? "" });
}
