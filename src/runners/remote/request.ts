// What the execvm at the far side is asked to run, and its command line. Pure.

import type { CommandNode, Json } from "../../model/nodes.ts";
import { toJson } from "../../model/to_json.ts";

/** The version of what both sides say to each other; each change of it is a new one. */
export const REMOTE_PROTOCOL = "1";

/**
 * The argv that has an execvm run one command. The command goes as the JSON form of a pipeline of one
 * stage, so that argv, chains, environment, folder and the runner's options arrive as they are.
 *
 * @param execvm the argv of execvm over there
 * @param inner the JSON form of the runner
 * @param verdict where it tells how the command ended, as `execvm remote` takes it
 */
export function remoteExecvmArgv(
  execvm: readonly string[],
  command: CommandNode,
  { inner, verdict }: { readonly inner: Json; readonly verdict: string },
): readonly string[] {
  const { stderr: _, ...node } = command; // where stderr goes is decided here
  const request = { ...toJson({ stages: [node] }) as object, runner: inner };
  return [...execvm, "far", REMOTE_PROTOCOL, verdict, JSON.stringify(request)];
}
