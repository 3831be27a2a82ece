// Tests chains in containers: run by the image's shell, and by an execvm in the image.

import assert from "node:assert/strict";
import { type Argv, chain, cmd, docker, type DockerOptions, stream, text } from "../../../mod.ts";
import { DOCKER, IMAGE, startEngine } from "../../support/docker.ts";
import { buildExecvmImage, EXECVM_PATH } from "../../support/execvm_image.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { needs } from "../../support/tools.ts";

await startEngine();

let built: Promise<string> | undefined;

type Options = Partial<DockerOptions>;

const WAYS = {
  "sh": (options: Options = {}) => Promise.resolve(docker({ ...options, image: IMAGE })),
  "the image's execvm": async (options: Options = {}) =>
    docker({ ...options, image: await (built ??= buildExecvmImage()), chain: EXECVM_PATH }),
} as const;

const WORDS = ["", " ", "a\nb\n", "it's", '"', "$HOME", "`id`", "*", "-n", "--", "---", "execvm"];

const PRINT: Argv = ["sh", "-c", `printf '<%s>' "$@"`, "sh", ...WORDS];

const PRINTED = WORDS.map((word) => `<${word}>`).join("");

for (const [name, make] of Object.entries(WAYS)) {
  Deno.test({
    ...needs(
      `a chain run by ${name} keeps words, shares stdin, and becomes its last command`,
      DOCKER,
    ),
    async fn(context) {
      const runner = await make();
      await context.step("nested, with odd words", async () => {
        const nested = chain(PRINT, chain(PRINT, chain(PRINT, cmd("true"), PRINT)));
        assert.equal(await nested.on(runner).text(), PRINTED.repeat(4));
      });
      await context.step("each reads on where the last stopped", async () => {
        const read: Argv = ["sh", "-c", 'read -r line; echo "<$line>"'];
        const links = chain(read, chain(read, ["cat"])).on(runner);
        assert.equal(await text("a\nb\nc\nd\n").pipe(links).text(), "<a>\n<b>\nc\nd");
      });
      await context.step("the last is executed: its parent is the container's init", async () => {
        const links = chain(["true"], ["true"], ["sh", "-c", "echo $PPID"]).on(runner);
        assert.equal(await links.text(), "1");
      });
      await context.step("a signal lets the command that runs end in order", async () => {
        using folder = tempDir();
        const runner = await make({ mounts: { [folder.path]: { path: "/out", write: true } } });
        const cleanUp = "sleep 0.3; echo >/out/cleaned; exit 3"; // the shell dies sooner
        const orderly = `trap '${cleanUp}' TERM; echo; while :; do sleep 0.1; done`;
        const aborter = new AbortController();
        const ready = new WritableStream({ write: () => aborter.abort() });
        const links = chain(["sh", "-c", orderly], ["touch", "/out/never"]).on(runner);
        const run = links.to(stream(ready)).run({ signal: aborter.signal });
        await assert.rejects(run, { name: "AbortError" });
        assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["cleaned"]);
      });
      await context.step("the first failure is the last command", async () => {
        const links = chain(["echo", "one"], ["sh", "-c", "exit 7"], ["echo", "never"]).on(runner);
        const { code } = await links.run({ check: false });
        assert.equal(code, 7);
      });
    },
  });
}

Deno.test("a chain is planned as the image runs it", () => {
  const links = chain(["a", "b"], ["c"]);
  const argv = docker({ image: "IMAGE", chain: "/bin/execvm" }).argv(links.node);
  const words = ["IMAGE", "/bin/execvm", "chain", "--", "a", "b", "--", "c"];
  assert.deepEqual(argv.slice(-words.length), words);
  const byShell = docker({ image: "IMAGE" }).argv(links.node);
  assert.deepEqual(byShell.slice(byShell.indexOf("IMAGE") + 1, byShell.indexOf("IMAGE") + 3), [
    "sh",
    "-c",
  ]);
  assert.deepEqual(byShell.slice(-9), ["sh", "pass", "", "", "--", "a", "b", "--", "c"]);
});
