// An image that has busybox and an execvm of its own: this one, as `deno task compile` bundles it.

import { fileURLToPath } from "node:url";
import { dockerBuild, tar } from "../../mod.ts";
import { LIBRARY_FOLDER, stageProgram } from "../../guest-build/stage_program.ts";
import { IMAGE } from "./docker.ts";
import { tempDir } from "./temp_dir.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Where it is in the image. */
export const EXECVM_PATH = "/bin/execvm";

const START = `#!/bin/sh
exec /bin/deno run -A --quiet --no-config --no-lock /execvm/execvm.js "$@"
`;

const DOCKERFILE = `FROM ${IMAGE}
COPY root /
ENV LD_LIBRARY_PATH=${LIBRARY_FOLDER} HOME=/tmp
`;

/** Builds the image; its id. */
export async function buildExecvmImage(): Promise<string> {
  using folder = tempDir();
  const root = `${folder.path}/root`;
  await stageProgram(Deno.execPath(), root, "/bin/deno");
  Deno.writeTextFileSync(`${root}/execvm/execvm.js`, await bundle());
  Deno.writeTextFileSync(`${root}${EXECVM_PATH}`, START, { mode: 0o755 });
  Deno.writeTextFileSync(`${folder.path}/Dockerfile`, DOCKERFILE);
  const build = dockerBuild({ buildkit: false, network: "none" });
  return await tar(".", { directory: folder.path }).pipe(build).text();
}

async function bundle(): Promise<string> {
  const args = ["bundle", "--quiet", "--platform", "deno", MAIN];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
