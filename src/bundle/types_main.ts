// Bundles the declarations of our module, as a program of its own that prints them: what it uses is no import of
// what users load. They are made of each file alone, so that what is exported has its type beside it.

import { rolldown } from "npm:rolldown@1.3.3";
import { dts } from "npm:rolldown-plugin-dts@0.25.2";
import { messageOf } from "../model/errors.ts";

Deno.exit(await main(Deno.args[0]!));

async function main(entry: string): Promise<number> {
  try {
    await new Blob([await bundleTypes(entry)]).stream().pipeTo(Deno.stdout.writable);
    return 0;
  } catch (error) {
    const text = `error: ${messageOf(error).split("\n", 2).join(" ")}\n`;
    Deno.stderr.writeSync(new TextEncoder().encode(text));
    return 1;
  }
}

async function bundleTypes(entry: string): Promise<string> {
  await using build = await rolldown({
    input: entry,
    external: [/^npm:/, /^node:/],
    plugins: [dts({ oxc: true, emitDtsOnly: true, tsconfig: false })],
  });
  const { output } = await build.generate({ format: "esm" });
  const [types] = output.filter((it) => it.type === "chunk").map(({ code }) => code);
  if (types === undefined) throw new Error(`${entry} has no declarations`);
  return types;
}
