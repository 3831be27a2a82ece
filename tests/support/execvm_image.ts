// Builds an image with busybox and execvm, bundled as by `deno task compile`.

import { LIBRARY_FOLDER, stageProgram } from "../../guest-build/stage_program.ts";
import { dockerBuild, tar } from "../../mod.ts";
import { makeOneFile } from "../../src/bundle/one_file.ts";
import { IMAGE } from "./docker.ts";
import { tempDir } from "./temp_dir.ts";

/** The path of execvm in the image. */
export const EXECVM_PATH = "/bin/execvm";

/** The script that starts it with Deno. */
const NO_DENORT = { denoDir: "/no/cache", releases: "http://127.0.0.1:1" } as const;

const START = `#!/bin/sh
exec /bin/deno run -A --quiet --no-config --no-lock /execvm/execvm.js "$@"
`;

const DOCKERFILE = `FROM ${IMAGE}
COPY root /
ENV LD_LIBRARY_PATH=${LIBRARY_FOLDER} HOME=/tmp
`;

/** Builds the image and returns its id. */
export async function buildExecvmImage(): Promise<string> {
  using folder = tempDir();
  const root = `${folder.path}/root`;
  await stageProgram(Deno.execPath(), root, "/bin/deno");
  await makeOneFile(`${root}/execvm/execvm.js`, NO_DENORT);
  Deno.writeTextFileSync(`${root}${EXECVM_PATH}`, START, { mode: 0o755 });
  Deno.writeTextFileSync(`${folder.path}/Dockerfile`, DOCKERFILE);
  const build = dockerBuild({ buildkit: false, network: "none" });
  return await tar(".", { directory: folder.path }).pipe(build).text();
}
