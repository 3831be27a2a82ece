// apt for an architecture that is not this machine's: with an index of its own, so that what apt has here
// stays as it is.

import { runTool } from "../host/run_tool.ts";
import { ARCHITECTURES, isNative, type KernelArch } from "../machine/architectures.ts";
import { openToApt } from "./apt.ts";

/**
 * Options with which apt's programs know the packages of `arch`, from the sources of this machine and
 * checked by its keys. For another architecture their index is downloaded into `folder`, which has to stay
 * while they are used; for this one there are none.
 *
 * @throws {Error} if the index cannot be had, as where a mirror has not that architecture.
 */
export async function aptFor(
  arch: KernelArch,
  folder: string,
  onProgress: (step: string) => void,
): Promise<readonly string[]> {
  if (isNative(arch)) return [];
  const { debian } = ARCHITECTURES[arch];
  onProgress(`asking for the packages of ${debian}`);
  const state = `${folder}/apt`;
  await Deno.mkdir(state);
  for (const path of [folder, state]) await openToApt(path);
  const options = [
    `Dir::State=${state}`,
    "Dir::State::status=/dev/null", // nothing of it is installed here
    `Dir::Cache=${state}`,
    `APT::Architecture=${debian}`,
    `APT::Architectures=${debian}`,
    "Acquire::Languages=none",
  ].flatMap((option) => ["-o", option]);
  await runTool(["apt-get", ...options, "-qq", "update"]);
  return options;
}
