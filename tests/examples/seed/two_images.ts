// Different computers execute different commands: an image is built out of an archive, on no computer at
// all, and each of the two images says in one pipeline who it is.
//
//   two_images.ts [IMAGE]

import { docker, dockerBuild, tar } from "../../../mod.ts";
import { print } from "../print.ts";

const [image = "alpine"] = Deno.args;
const folder = await Deno.makeTempDir({ prefix: "execvm-example-" });
try {
  await Deno.writeTextFile(`${folder}/Dockerfile`, `FROM ${image}\nCOPY name /etc/name\n`);
  await Deno.writeTextFile(`${folder}/name`, "the second image\n");
  const build = dockerBuild({ buildkit: false, network: "none" });
  const id = await tar(".", { directory: folder }).pipe(build).text();

  const first = docker({ image });
  const second = docker({ image: id });
  const look = ["sh", "-c", "cat; cat /etc/name || echo no name"] as const;
  print(await first.cmd(...look).pipe(second.cmd(...look)).text());
} finally {
  await Deno.remove(folder, { recursive: true });
}
