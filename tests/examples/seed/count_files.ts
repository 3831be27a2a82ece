// The seed's `tar | tar -t | wc -l > output`: the archive is made here, listed and counted in containers,
// and the number written to a file of this machine.
//
//   count_files.ts [IMAGE]

import { docker, file, tar } from "../../../mod.ts";
import { print } from "../print.ts";

const [image = "alpine"] = Deno.args;
const directory = await Deno.makeTempDir({ prefix: "execvm-example-" });
try {
  for (const name of ["file1", "file2"]) await Deno.writeTextFile(`${directory}/${name}`, name);
  const computer = docker({ image, pull: "missing" });
  const block = tar("file1", "file2", { compress: "gzip", directory })
    .pipe(computer.cmd("/bin/tar", "-tzf", "-"))
    .pipe(computer.cmd("wc", "-l"))
    .to(file(`${directory}/output`));
  print(JSON.stringify(block));
  await block.run();
  print(await Deno.readTextFile(`${directory}/output`));
} finally {
  await Deno.remove(directory, { recursive: true });
}
