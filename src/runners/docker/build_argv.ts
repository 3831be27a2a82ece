// Makes the command line that builds an image. Pure.

import type { DockerBuildNode } from "../../model/nodes.ts";

/**
 * Returns the argv of `docker build`, which reads the context from stdin and writes the id to
 * `idFile`.
 */
export function buildArgv(node: DockerBuildNode, idFile: string): readonly string[] {
  const { binary = "docker", tag, file, target, args = {}, network, platform } = node;
  return [
    ...[binary, "build", "--iidfile", idFile, "--force-rm"], // else a failed step leaves one
    ...option("--tag", tag),
    ...option("--file", file),
    ...option("--target", target),
    ...Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
    ...option("--network", network),
    ...option("--platform", platform),
    "-",
  ];
}

function option(flag: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [flag, value];
}
