// Uses apt for another architecture, with a separate index, so that the state of this machine's apt
// does not change.

import { runTool } from "../host/run_tool.ts";
import { ARCHITECTURES, isNative, type KernelArch } from "../machine/architectures.ts";
import { openToApt } from "./apt.ts";

/**
 * Returns the options of apt's programs for the packages of `arch`, from the sources of this
 * machine and checked by its keys; none for this machine's architecture. For another one the index
 * is downloaded into `folder`, which must exist as long as the options are used.
 *
 * @throws {Error} if the index cannot be downloaded, for example because the mirror lacks `arch`.
 */
export async function aptFor(
  arch: KernelArch,
  folder: string,
  onProgress: (step: string) => void,
): Promise<readonly string[]> {
  if (isNative(arch)) return [];
  const { debian } = ARCHITECTURES[arch];
  onProgress(`reading the package index of ${debian}`);
  const state = `${folder}/apt`;
  await Deno.mkdir(state);
  for (const path of [folder, state]) await openToApt(path);
  const options = [
    `Dir::State=${state}`,
    "Dir::State::status=/dev/null", // no package of that architecture is installed here
    `Dir::Cache=${state}`,
    `APT::Architecture=${debian}`,
    `APT::Architectures=${debian}`,
    "Acquire::Languages=none",
  ].flatMap((option) => ["-o", option]);
  await runTool(["apt-get", ...options, "-qq", "update"]);
  return options;
}
