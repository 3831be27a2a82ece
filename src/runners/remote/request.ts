// Makes the command line by which a remote execvm runs one command. Pure.

import type { CommandNode, Json } from "../../model/nodes.ts";
import { toJson } from "../../model/to_json.ts";

/** The version of the protocol between both sides; every change of the protocol raises it. */
export const REMOTE_PROTOCOL = "1";

/**
 * Returns the argv that has a remote execvm run one command. The command is passed as the JSON form
 * of a one-stage pipeline, so that argv, chains, environment, folder and the runner's options
 * arrive unchanged.
 *
 * @param execvm the argv of execvm on the remote host
 * @param inner the JSON form of the inner runner
 * @param verdict where it reports how the command ended, as `execvm remote` takes it
 */
export function remoteExecvmArgv(
  execvm: readonly string[],
  command: CommandNode,
  { inner, verdict }: { readonly inner: Json; readonly verdict: string },
): readonly string[] {
  const { stderr: _, ...node } = command; // the local side decides where stderr goes
  const request = { ...toJson({ stages: [node] }) as object, runner: inner };
  return [...execvm, "far", REMOTE_PROTOCOL, verdict, JSON.stringify(request)];
}
