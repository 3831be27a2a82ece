// What is there to be named on a command line. Whatever cannot be asked has no names: nobody waits for an error.

import { toolPath } from "../../host/program_path.ts";
import { homedir } from "node:os";
import { listKernels } from "../../kernels/find.ts";
import { listImages } from "../../prepare/image_store.ts";
import type { Named } from "../../runners/contract/option_spec.ts";
import { RUNNER_TYPES } from "../../runners/mod.ts";
import { listTemplates } from "../../vm/template_store.ts";

/** Letters of a key that lists show. */
const SHOWN = 12;

/** How long a program may take to name what it has, in milliseconds: somebody has pressed a key. */
const ANSWER_MS = 3000;

/** Prepared images: by the name that was given to them, else by their key. */
export function imageNames(): readonly string[] {
  return listImages().map(({ key, cacheKey }) => cacheKey ?? key.slice(0, SHOWN));
}

/** Templates. */
export function templateNames(): readonly string[] {
  return listTemplates().map(({ key }) => key.slice(0, SHOWN));
}

/** Versions of kernels in the cache. */
export async function kernelVersions(): Promise<readonly string[]> {
  return [...new Set((await listKernels()).map(({ version }) => version))];
}

/** Kinds of runners; with what may stand behind a colon, where that much of a kind is there. */
export async function runnerWords(partial: string): Promise<readonly string[]> {
  const kinds = RUNNER_TYPES.map(({ kind }) => kind);
  const type = RUNNER_TYPES.find(({ kind, target }) =>
    target !== undefined && partial.startsWith(`${kind}:`)
  );
  const named = type?.options[type.target!]?.names;
  if (type === undefined || named === undefined) return kinds;
  return (await namesOf(named)).map((name) => `${type.kind}:${name}`);
}

/** What is there of a kind of things, other than files. */
export async function namesOf(named: Named): Promise<readonly string[]> {
  if (named === "ssh host") return sshHosts();
  if (named === "docker image") return await dockerImages();
  if (named === "slurm partition") return await say("sinfo", "--noheader", "--format=%R");
  return [];
}

/** Images of the engine that docker finds by itself. */
async function dockerImages(): Promise<readonly string[]> {
  const lines = await say("docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}");
  return lines.filter((line) => !line.includes("<none>"));
}

/** The lines that a program prints; none if it is not there, fails to answer, or takes too long. */
async function say(program: string, ...args: string[]): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const options = { args, stdin: "null", stderr: "null", signal } as const;
  try {
    const { stdout } = await new Deno.Command(toolPath(program), options).output();
    const lines = new TextDecoder().decode(stdout).split("\n");
    return lines.filter((line) => line !== "");
  } catch {
    return [];
  }
}

/** Hosts that the user's configuration of ssh has, and those it has met, if they are not hashed. */
function sshHosts(): readonly string[] {
  const config = linesOf(`${homedir()}/.ssh/config`)
    .flatMap((line) => /^\s*Host\s+(.*)$/i.exec(line)?.[1]?.trim().split(/\s+/) ?? [])
    .filter((host) => !/[*?!]/.test(host));
  const known = linesOf(`${homedir()}/.ssh/known_hosts`)
    .filter((line) => !/^[#|@]/.test(line))
    .flatMap((line) => line.split(" ")[0]!.split(","))
    .filter((host) => /^[\w.-]+$/.test(host));
  return [...new Set([...config, ...known])];
}

function linesOf(path: string): readonly string[] {
  try {
    return Deno.readTextFileSync(path).split("\n").filter((line) => line.trim() !== "");
  } catch {
    return [];
  }
}
