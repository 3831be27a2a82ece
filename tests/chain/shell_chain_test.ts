import assert from "node:assert/strict";
import { type Argv, cmd, text } from "../../mod.ts";
import { shellChainArgv } from "../../src/chain/shell_chain.ts";
import { needs } from "../support/tools.ts";

/** Shells that are known to be somewhere as `sh`; what comes before the `-c`. */
const SHELLS: readonly Argv[] = [["dash"], ["bash"], ["bash", "--posix"], ["busybox", "sh"]];

const ODD_WORDS = ["", " ", "a\nb\n", "it's", '"', "$HOME", "`id`", "*", "-n", "--", "---", "\\"];

const PRINT = ["sh", "-c", `printf '<%s>' "$@"`, "sh"] as const;

for (const shell of SHELLS) {
  const run = (...commands: (readonly string[])[]) =>
    cmd(...shell, ...shellChainArgv(commands).slice(1));

  const test = (name: string, fn: () => Promise<void>) =>
    Deno.test({ ...needs(`in ${shell.join(" ")} ${name}`, shell[0]), fn });

  test("words arrive as they are, whatever is in them", async () => {
    const words = [...PRINT, ...ODD_WORDS];
    const printed = ODD_WORDS.map((word) => `<${word}>`).join("");
    assert.equal(await run(words, words, words).text(), printed.repeat(3));
  });

  test("each command reads on where the one before has stopped", async () => {
    const read = ["sh", "-c", 'read -r line; echo "<$line>"'];
    assert.equal(await text("a\nb\nc\n").pipe(run(read, read, ["cat"])).text(), "<a>\n<b>\nc");
  });

  test("the first failure is the last command, and its status that of all", async () => {
    const result = await run(["true"], ["sh", "-c", "exit 7"], ["echo", "never"])
      .run({ check: false });
    assert.equal(result.code, 7);
    assert.equal((await run(["nowhere-at-all"], ["true"]).run({ check: false })).code, 127);
    assert.equal((await run(["true"], ["nowhere-at-all"]).run({ check: false })).code, 127);
  });

  test("the shell becomes the last command", async () => {
    const parent = ["sh", "-c", "cat /proc/$PPID/comm"];
    const own = await run(["true"], parent).text();
    assert.notEqual(own, shell[0]); // but this test, whose child the last command now is
  });

  test("the environment is left as it is", async () => {
    const variables = { delimiter: "1", word: "2", length: "3", i: "4", n: "5" };
    const env = ["sh", "-c", "echo $delimiter $word $length $i $n"];
    assert.equal(await run(["true"], ["true"], env).env(variables).text(), "1 2 3 4 5");
  });
}
