// The main job on real input: packs this repository, unpacks it with a chain, counts its lines, and
// writes the result to a file; on the void runner, which prints the commands, and on this machine.

import { fileURLToPath } from "node:url";
import { chain, cmd, file, fromJSON, local, type Runner, tar, voidRunner } from "../../mod.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const print = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));

const folder = await Deno.makeTempDir({ prefix: "execvm-demo-" });
await Deno.mkdir(`${folder}/work`);
try {
  const pipeline = tar("mod.ts", "src", "tests", { directory: ROOT, compress: "gzip" })
    .pipe(
      chain(
        ["tar", "-xzf", "-"],
        ["find", ".", "-name", "*.ts", "-exec", "cat", "{}", "+"],
      ).cwd(`${folder}/work`),
    )
    .pipe(cmd("wc", "-l"))
    .to(file(`${folder}/lines`));

  print("The pipeline as JSON:");
  print(JSON.stringify(pipeline, null, 2));
  print("\nWhat it would run:");
  print(String(pipeline.plan()));

  print("\nOn void, which prints its commands and runs none:");
  await run(voidRunner({ debug: true }));
  print("\nOn this machine, read back from its JSON:");
  await run(local());

  async function run(runner: Runner): Promise<void> {
    const started = performance.now();
    const { code, stages } = await fromJSON(JSON.parse(JSON.stringify(pipeline))).run({ runner });
    const lines = (await Deno.readTextFile(`${folder}/lines`)).trim();
    const milliseconds = Math.round(performance.now() - started);
    print(
      `code ${code}, ${stages[0]!.bytesIn} bytes in, lines: ${lines || "none"}, ${milliseconds} ms`,
    );
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
