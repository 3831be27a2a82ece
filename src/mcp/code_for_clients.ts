// What clients may set of code, and the check of a stage that runs code.

import type { RunCodeOptions } from "../code/run_options.ts";
import type { CodeStageResult } from "../model/code_result.ts";
import type { CodeNode, CodeSettings, CodeValue, Json, SinkNode } from "../model/nodes.ts";
import type { StageResult } from "../model/result.ts";
import { chooseImage } from "../prepare/choose_image.ts";
import { confineOptions } from "./confined_options.ts";
import { readablePath } from "./confined_path.ts";
import { type Limits, limitsOf, type Policy, requireOption } from "./policy.ts";

/** Options of `runCode` that clients cannot set, and why. */
export const NOT_FOR_CLIENTS = {
  accel: "it chooses what of this machine runs the guest",
  append: "its parameters can replace the init of the guest",
  argv: "the language sh can run any program",
  bootTimeoutMs: "it is a limit of this machine",
  initrd: "it is a path of this machine",
  kernel: "it is a path of this machine",
  machine: "it is an argument of QEMU",
  modules: "it is a path of this machine",
  network: "clients get none",
  observer: "it is an object of this process",
  onOutput: "it is a function of this process",
  onProgress: "it is a function of this process",
  outputsDir: "it is a path of this machine",
  outputsTar: "it is a path of this machine",
  paths: "the result lists everything that the code made",
  qemu: "it is a program of this machine",
  signal: "cancelling the call ends the code",
  template: "it decides what is kept in the cache of this machine",
  warm: "it runs in a template, which other machines are cloned from",
  workspaceMib: "the policy has no limit for it",
} as const satisfies Partial<Record<keyof RunCodeOptions, string>>;

/**
 * Confines a stage that runs code: its image is one of the cache, its limits are those of the
 * policy, and its outputs are only listed.
 *
 * @param stderr where its stderr goes
 * @throws {Refusal} if it uses something that the policy does not grant.
 * @throws {UsageError} if there is no such image.
 */
export async function confineCode(
  stage: CodeNode,
  stderr: SinkNode,
  { policy, limits }: { readonly policy: Policy; readonly limits: Limits },
): Promise<CodeNode> {
  for (const [name, value] of Object.entries(stage.options)) {
    if (Object.hasOwn(NOT_FOR_CLIENTS, name)) requireOption("vm", name, { value, policy });
  }
  const { files, ...plain } = stage.options;
  const asked = { ...limits, ...plain as Partial<Limits> };
  const { timeoutMs, memoryMib, cpus } = limitsOf(asked, policy);
  const options = {
    ...await confineOptions("vm", plain as { readonly [name: string]: Json }, policy),
    ...(files !== undefined && { files: await confineFiles(files as CodeSettings, policy) }),
    ...{ timeoutMs, memoryMib, cpus, outputsDir: false },
  };
  return { ...stage, image: chooseImage(stage.image).key, options, stderr };
}

async function confineFiles(files: CodeSettings, policy: Policy): Promise<CodeSettings> {
  const confined: Record<string, CodeValue> = {};
  for (const [path, file] of Object.entries(files)) {
    confined[path] = typeof file === "string" ? await readablePath(file, policy) : file;
  }
  return confined;
}

/** What a client sees of the result of code. */
type CodeData =
  & Pick<
    CodeStageResult,
    "exitStatus" | "timedOut" | "oomKilled" | "failure" | "outputsTruncated"
  >
  & { readonly artifacts: readonly object[] };

/** Returns what a client sees of the result of code; `undefined` for other stages. */
export function codeData({ codeResult }: StageResult): CodeData | undefined {
  if (codeResult === undefined) return undefined;
  const { exitStatus, timedOut, oomKilled, failure, outputsTruncated } = codeResult;
  const artifacts = codeResult.artifacts.map((artifact) => {
    const { path, change, kind, size, sha256 } = artifact;
    return { path, change, kind, size, sha256 };
  });
  return { exitStatus, timedOut, oomKilled, failure, artifacts, outputsTruncated };
}
