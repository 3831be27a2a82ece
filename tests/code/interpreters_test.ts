// Code in real machines, run by the interpreters of the image or by the guest's own Deno.

import assert from "node:assert/strict";
import { type Image, prepareImage, runCode, type RunCodeOptions } from "../../mod.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { tempDir } from "../support/temp_dir.ts";
import { codeTest, makeShellRoot } from "./fixture.ts";

const TYPED = `
enum Level { High = 5 }
interface Named { readonly name: string }
const named: Named = { name: "größe" };
const input = await new Response(Deno.stdin.readable).text();
console.log(Level.High, named.name, Deno.args.join("|"), Deno.env.get("GIVEN"), input);
await Deno.writeTextFile("made", "made");
Deno.exit(4);
`;

const PLAIN = `
import { readFileSync, writeFileSync } from "node:fs";
writeFileSync("made", "made");
console.log(process.argv.slice(2).join("|"), readFileSync("given", "utf8"), import.meta.filename);
process.exitCode = 6;
`;

/** Code that imports given files and files that it writes. @param ending of the typed ones */
const family = (ending: string) => `
import { writeFileSync } from "node:fs";
import { given } from "./given.${ending}";
import common from "./common.cjs";
writeFileSync(new URL("made.${ending}", import.meta.url), "export const made = 'made';");
const { made } = await import("./made.${ending}");
console.log(given, common.common, made, import.meta.url);
throw new Error("why");
`;

/** The node of a root: it prints its arguments and the code. */
const NODE = `#!/bin/sh
echo "node $(basename "$1") $2"; cat "$1"
`;

/** Whether the guest's init is Deno with a script, not compiled. */
async function hasDeno(): Promise<boolean> {
  const { ensureInitrd, kindOfInitrd } = await import("../../guest-build/ensure_initrd.ts");
  const kernel = await findKernel();
  return kernel !== undefined && kindOfInitrd(await ensureInitrd(kernel)) === "bundled";
}

codeTest("runCode() runs code with the available interpreter", async (test) => {
  using folder = tempDir();
  const root = await makeShellRoot(`${folder.path}/root`);
  const image = await prepareImage({ from: root });
  let runs = 0;
  const run = async (image: Image, code: string, options: RunCodeOptions) => {
    const outputsDir = `${folder.path}/outputs-${runs++}`;
    const once = { accel: "tcg", template: false } as const; // their machines all differ
    const result = await runCode(image, code, { ...once, outputsDir, ...options });
    const changed = result.artifacts.map(({ path }) => path);
    return { ...result, changed };
  };

  if (await hasDeno()) {
    await test.step("the guest's Deno if the image has none", async () => {
      const options = { args: ["an arg", "b"], env: { GIVEN: "a value" }, stdin: "input" };
      const typed = await run(image, TYPED, { ...options, language: "typescript" });
      assert.equal(typed.stdout, "5 größe an arg|b a value input\n", typed.stderr);
      assert.deepEqual([typed.exitStatus, typed.changed], [4, ["/workspace/made"]]);

      const files = { given: new TextEncoder().encode("given") };
      const plain = await run(image, PLAIN, { ...options, files, language: "javascript" });
      assert.equal(plain.stdout, "an arg|b given /workspace/main.mjs\n", plain.stderr);
      assert.deepEqual([plain.exitStatus, plain.changed], [6, ["/workspace/made"]]);
    });

    for (const [language, ending] of [["javascript", "mjs"], ["typescript", "ts"]] as const) {
      await test.step(`which finds the siblings of ${language}`, async () => {
        const type = ending === "ts" ? ": string" : "";
        const files = {
          [`given.${ending}`]: new TextEncoder().encode(`export const given${type} = "given";`),
          "common.cjs": new TextEncoder().encode("exports.common = 'common';"),
        };
        const env = { NO_COLOR: "1" };
        const result = await run(image, family(ending), { language, files, env });
        const url = `file:///workspace/main.${ending}`;
        assert.equal(result.stdout, `given common made ${url}\n`, result.stderr);
        assert.ok(result.stderr.includes(`at ${url}:8:7`), result.stderr);
        assert.deepEqual(result.changed, [`/workspace/made.${ending}`]);
      });
    }
  } else {
    await test.step("an error if neither the image nor the guest has Deno", async () => {
      await assert.rejects(
        run(image, TYPED, { language: "typescript" }),
        /cannot run typescript on the image: it has no deno, and the guest's Deno is compiled in/,
      );
    });
  }

  await test.step("the image's node if it has one", async () => {
    Deno.writeTextFileSync(`${root}/bin/node`, NODE, { mode: 0o755 });
    const withNode = await prepareImage({ from: root });
    const options = { language: "javascript", args: ["x"] } as const;
    const { stdout, exitStatus } = await run(withNode, "the code", options);
    assert.deepEqual([stdout, exitStatus], ["node main.mjs x\nthe code", 0]);
  });

  await test.step("an error if an image lacks Python, which would be started ahead", async () => {
    await assert.rejects(run(image, "print(1)", { template: true }), {
      name: "RunnerError",
      message: 'cannot run "python3": there is no such command in the image',
    });
  });
});
