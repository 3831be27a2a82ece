// Lists the names that completion offers: images, templates, kernels, hosts. A source that fails
// yields no names, as an error would only disturb the user's typing.

import { toolPath } from "../../host/program_path.ts";
import { homedir } from "node:os";
import { listKernels } from "../../kernels/find.ts";
import { listedImages } from "../../prepare/list_images.ts";
import type { Named } from "../../runners/contract/option_spec.ts";
import { RUNNER_TYPES } from "../../runners/mod.ts";
import { listTemplates } from "../../vm/template_store.ts";

/** The number of letters of a key that lists show. */
const SHOWN = 12;

/** Milliseconds that a program may take to list its names: a user waits for the completion. */
const ANSWER_MS = 3000;

/** Returns the prepared images: by their names, else by the start of their key. */
export function imageNames(): readonly string[] {
  return listedImages().flatMap(({ key, names }) => names.length > 0 ? names : key.slice(0, SHOWN));
}

/** Returns the templates, by the start of their key. */
export function templateNames(): readonly string[] {
  return listTemplates().map(({ key }) => key.slice(0, SHOWN));
}

/**
 * Returns the kernels in the cache: by their release, or by their name if several have that or it is
 * being typed.
 */
export async function kernelNames(partial: string): Promise<readonly string[]> {
  const kernels = await listKernels();
  const releases = kernels.map(({ version }) => version);
  const isOne = (release: string) => releases.indexOf(release) === releases.lastIndexOf(release);
  return kernels.map(({ id, version }) =>
    isOne(version) && version.startsWith(partial) ? version : id
  );
}

/**
 * Returns the kinds of runners; for a `partial` such as `ssh:`, that kind with each of its targets.
 */
export async function runnerWords(partial: string): Promise<readonly string[]> {
  const kinds = RUNNER_TYPES.map(({ kind }) => kind);
  const type = RUNNER_TYPES.find(({ kind, target }) =>
    target !== undefined && partial.startsWith(`${kind}:`)
  );
  const named = type?.options[type.target!]?.names;
  if (type === undefined || named === undefined) return kinds;
  return (await namesOf(named)).map((name) => `${type.kind}:${name}`);
}

/**
 * Returns the existing names of a kind of thing; none for files and folders, which the shell
 * completes.
 */
export async function namesOf(named: Named): Promise<readonly string[]> {
  if (named === "ssh host") return sshHosts();
  if (named === "docker image") return await dockerImages();
  if (named === "slurm partition") return await say("sinfo", "--noheader", "--format=%R");
  return [];
}

/** The images of the engine that docker uses by default. */
async function dockerImages(): Promise<readonly string[]> {
  const lines = await say("docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}");
  return lines.filter((line) => !line.includes("<none>"));
}

/** The lines that a program prints; none if it is missing, fails, or takes too long. */
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

/** The hosts in the user's ssh configuration and, unless hashed, in known_hosts. */
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
