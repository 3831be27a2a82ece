// Checks whether this machine can run containers; that is optional, so problems are only warnings.

import type { CheckResult } from "../../host/check_result.ts";
import { toolPath } from "../../host/program_path.ts";

/** How long an engine may take to answer, in milliseconds. */
const LIMIT_MS = 5000;

/** The first docker whose `run` knows `--pull`. */
const OLDEST_MAJOR = 20;

/**
 * Checks that docker is installed and new enough, and that its engine answers.
 *
 * @param program its command line
 */
export async function checkDocker(program = "docker"): Promise<CheckResult> {
  const what = "Docker";
  const asked = await ask(program);
  if (asked === undefined) {
    const advice = "As root, run: apt-get install docker.io";
    return { state: "warn", what, fact: `${program} is not there, or does not run`, advice };
  }
  const { client, engine, complaint } = asked;
  if (Number.parseInt(client) < OLDEST_MAJOR) {
    const fact = `${program} ${client} is older than ${OLDEST_MAJOR}.10`;
    return { state: "warn", what, fact, advice: "Install a newer Docker" };
  }
  if (engine !== "") return { state: "ok", what, fact: `${program} ${client}, engine ${engine}` };
  const advice = "Start the engine, set DOCKER_HOST, or as root run: usermod -aG docker USER";
  return { state: "warn", what, fact: `${program} ${client} has no engine: ${complaint}`, advice };
}

/** Returns the versions of client and engine, the latter empty if it does not answer. */
async function ask(
  program: string,
): Promise<{ client: string; engine: string; complaint: string } | undefined> {
  const format = "{{.Client.Version}} {{with .Server}}{{.Version}}{{end}}";
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LIMIT_MS);
  try {
    const { stdout, stderr } = await new Deno.Command(toolPath(program), {
      args: ["version", "--format", format],
      stdin: "null",
      signal: limit.signal,
    }).output();
    const [client = "", engine = ""] = new TextDecoder().decode(stdout).trim().split(" ");
    const complaint = new TextDecoder().decode(stderr).trim().split("\n").at(-1)!;
    return client === "" ? undefined : { client, engine, complaint };
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
