// The main job on real input: packs this repository, unpacks it with a chain, counts its lines, and
// writes the result to a file; on the void runner, which prints the commands, and on this machine. Then
// builds a package here and in virtual machines.

import { fileURLToPath } from "node:url";
import {
  chain,
  cmd,
  file,
  fromJSON,
  local,
  type Pipeline,
  type Runner,
  tar,
  voidRunner,
} from "../../mod.ts";
import { describeKept } from "./kept.ts";
import { print } from "./print.ts";
import { vmDemo } from "./vm_demo.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const folder = await Deno.makeTempDir({ prefix: "execvm-demo-" });
const output = `${folder}/lines`;
await Deno.mkdir(`${folder}/work`);
try {
  const pipeline = countLines(`${folder}/work`).to(file(output));
  print("The pipeline as JSON:");
  print(JSON.stringify(pipeline, null, 2));
  print("\nWhat it would run:");
  print(String(pipeline.plan()));

  print("\nOn void, which prints its commands and runs none:");
  await run(pipeline, voidRunner({ debug: true }));
  print("\nOn this machine, read back from its JSON:");
  await run(fromJSON(JSON.parse(JSON.stringify(pipeline))), local());

  print("\nA package, built from its sources by nested chains:");
  await vmDemo();
  print(`\n${describeKept()}`);
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** Counts the lines of this repository, in a folder that is empty. */
function countLines(work: string): Pipeline<"closed", "open"> {
  const unpackAndShow = chain(
    ["tar", "-xzf", "-"],
    ["find", ".", "-name", "*.ts", "-exec", "cat", "{}", "+"],
  );
  return tar("mod.ts", "src", "tests", { directory: ROOT, compress: "gzip" })
    .pipe(unpackAndShow.cwd(work))
    .pipe(cmd("wc", "-l"));
}

async function run(pipeline: Pipeline, runner: Runner): Promise<void> {
  const started = performance.now();
  const { code, stages } = await pipeline.run({ runner });
  const milliseconds = Math.round(performance.now() - started);
  const lines = (await Deno.readTextFile(output)).trim() || "none";
  print(`code ${code}, ${stages[0]?.bytesIn} bytes in, lines: ${lines}, ${milliseconds} ms`);
}
