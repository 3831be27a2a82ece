// What is there to be named on a command line. Whatever cannot be asked has no names: nobody waits for an error.

import { homedir } from "node:os";
import { listImages } from "../../prepare/image_store.ts";
import { RUNNER_TYPES } from "../../runners/mod.ts";
import type { Named } from "../../runners/runner.ts";
import { listKernels } from "../../vm/kernel.ts";
import { listTemplates } from "../../vm/template_store.ts";

/** Letters of a key that lists show. */
const SHOWN = 12;

/** How long Docker may take to name its images, in milliseconds: somebody has pressed a key. */
const DOCKER_MS = 3000;

/** Prepared images. */
export function imageNames(): readonly string[] {
  return listImages().map(({ key }) => key.slice(0, SHOWN));
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
  const type = RUNNER_TYPES.find(({ kind, place }) =>
    place !== undefined && partial.startsWith(`${kind}:`)
  );
  const named = type?.options[type.place!]?.names;
  if (type === undefined || named === undefined) return kinds;
  return (await namesOf(named)).map((name) => `${type.kind}:${name}`);
}

/** What is there of a kind of things, other than files. */
export async function namesOf(named: Named): Promise<readonly string[]> {
  if (named === "ssh host") return sshHosts();
  if (named === "docker image") return await dockerImages();
  return [];
}

/** Images of the engine that docker finds by itself. */
async function dockerImages(): Promise<readonly string[]> {
  try {
    const { stdout } = await new Deno.Command("docker", {
      args: ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"],
      stdin: "null",
      stderr: "null",
      signal: AbortSignal.timeout(DOCKER_MS),
    }).output();
    const lines = new TextDecoder().decode(stdout).split("\n");
    return lines.filter((line) => line !== "" && !line.includes("<none>"));
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
