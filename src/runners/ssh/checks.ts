// Checks whether this machine can reach hosts by ssh; that is optional, so problems are only
// warnings.

import type { CheckResult } from "../../host/check_result.ts";
import { toolPath } from "../../host/program_path.ts";

/** A hint on what the client does not show by itself (sshd_config(5), PerSourcePenalties). */
const PENALTIES = "hosts with 9.8 or newer refuse an address for a while after failed logins";

/** Checks that OpenSSH's client is installed. @param program the client */
export async function checkSsh(program = "ssh"): Promise<CheckResult> {
  const what = "ssh";
  try {
    const { stderr } = await new Deno.Command(toolPath(program), { args: ["-V"], stdin: "null" })
      .output();
    const version = /^OpenSSH_\S+/.exec(new TextDecoder().decode(stderr))?.[0].replace(/,$/, "");
    if (version !== undefined) {
      return { state: "ok", what, fact: `${version.replace("_", " ")}; ${PENALTIES}` };
    }
    const fact = `${program} is not OpenSSH's client`;
    return { state: "warn", what, fact, advice: "Install OpenSSH" };
  } catch {
    const advice = "As root, run: apt-get install openssh-client";
    return { state: "warn", what, fact: `${program} is not there, or does not run`, advice };
  }
}
