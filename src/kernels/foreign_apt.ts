// Uses apt for another architecture or another suite, with a separate index, so that the state of
// this machine's apt does not change.

import { runTool } from "../host/run_tool.ts";
import { ARCHITECTURES, isNative, type KernelArch } from "../machine/architectures.ts";
import { openToApt } from "./apt.ts";
import { sourceOfSuite } from "./apt_suite.ts";

/** Which packages to use apt for. */
export interface AptScope {
  readonly arch: KernelArch;
  /** A suite of the distribution. @default those of this machine's sources */
  readonly suite?: string | undefined;
  /** Ends the download of the index. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns the options of apt's programs for the packages of an architecture and suite, from the
 * mirror of this machine and checked by its keys; none for this machine's own. For others the index
 * is downloaded into `folder`, which must exist as long as the options are used.
 *
 * @throws {Error} if the index cannot be downloaded, for example because the mirror lacks it.
 */
export async function aptFor(
  { arch, suite, signal }: AptScope,
  folder: string,
  onProgress: (step: string) => void,
): Promise<readonly string[]> {
  if (isNative(arch) && suite === undefined) return [];
  const { debian } = ARCHITECTURES[arch];
  const source = suite === undefined ? undefined : await sourceOfSuite(suite);
  onProgress(`reading the package index of ${[suite, debian].filter(Boolean).join(" for ")}`);
  const state = `${folder}/apt`;
  await Deno.mkdir(state);
  for (const path of [folder, state]) await openToApt(path);
  const options = [
    `Dir::State=${state}`,
    "Dir::State::status=/dev/null", // no package of that architecture or suite is installed here
    `Dir::Cache=${state}`,
    `APT::Architecture=${debian}`,
    `APT::Architectures=${debian}`,
    "Acquire::Languages=none",
    ...(source === undefined ? [] : await sourceOptions(source, state)),
  ].flatMap((option) => ["-o", option]);
  await runTool(["apt-get", ...options, "-qq", "update"], { signal });
  return options;
}

/** The options that make `source` apt's only one, without preferences for this machine's own. */
async function sourceOptions(source: string, folder: string): Promise<readonly string[]> {
  const list = `${folder}/sources.list`;
  await Deno.writeTextFile(list, source);
  return [
    `Dir::Etc::sourcelist=${list}`,
    "Dir::Etc::sourceparts=/dev/null",
    "Dir::Etc::preferences=/dev/null",
    "Dir::Etc::preferencesparts=/dev/null",
    "APT::Default-Release=",
  ];
}
