import assert from "node:assert/strict";
import { type Argv, cmd, discard, stream, text } from "../../mod.ts";
import { shellChainArgv, type ShellChainOptions } from "../../src/chain/shell_chain.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

/** Shells that are `sh` on some system, with their argv before `-c`. */
const SHELLS: readonly Argv[] = [["dash"], ["bash"], ["bash", "--posix"], ["busybox", "sh"]];

const ODD_WORDS = ["", " ", "a\nb\n", "it's", '"', "$HOME", "`id`", "*", "-n", "--", "---", "\\"];

const PRINT = ["sh", "-c", `printf '<%s>' "$@"`, "sh"] as const;

for (const shell of SHELLS) {
  const run = (...commands: (readonly string[])[]) =>
    cmd(...shell, ...shellChainArgv(commands).slice(1));
  const runWith = (options: ShellChainOptions, ...commands: (readonly string[])[]) =>
    cmd(...shell, ...shellChainArgv(commands, options).slice(1));

  const test = (name: string, fn: () => Promise<void>) =>
    Deno.test({ ...needs(`in ${shell.join(" ")} ${name}`, shell[0]), fn });

  test("arguments arrive unchanged, whatever they contain", async () => {
    const words = [...PRINT, ...ODD_WORDS];
    const printed = ODD_WORDS.map((word) => `<${word}>`).join("");
    assert.equal(await run(words, words, words).text(), printed.repeat(3));
  });

  test("each command reads on where the previous one stopped", async () => {
    const read = ["sh", "-c", 'read -r line; echo "<$line>"'];
    assert.equal(await text("a\nb\nc\n").pipe(run(read, read, ["cat"])).text(), "<a>\n<b>\nc");
  });

  test("the chain ends at the first failure, with its status", async () => {
    const result = await run(["true"], ["sh", "-c", "exit 7"], ["echo", "never"])
      .run({ check: false });
    assert.equal(result.code, 7);
    assert.equal((await run(["nowhere-at-all"], ["true"]).run({ check: false })).code, 127);
    assert.equal((await run(["true"], ["nowhere-at-all"]).run({ check: false })).code, 127);
  });

  test("the stdout of all but the last command goes to the given place", async () => {
    const commands = [["echo", "1"], ["sh", "-c", "echo 2; echo e >&2"], ["echo", "3"]];
    const said: [string, string][] = [];
    for (const stdout of ["pass", "stderr", "discard"] as const) {
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      const errors = new WritableStream<Uint8Array<ArrayBuffer>>({
        write: (chunk) => void chunks.push(chunk),
      });
      const text = await runWith({ stdout }, ...commands).stderr(stream(errors)).text();
      said.push([text, await new Blob(chunks).text()]);
    }
    assert.deepEqual(said, [["1\n2\n3", "e\n"], ["3", "1\n2\ne\n"], ["3", "e\n"]]);
  });

  test("the number of the last command that ran is written to a file, or marked on stderr", async () => {
    using folder = tempDir();
    const path = `${folder.path}/a b`;
    const numbers = async (...commands: (readonly string[])[]) => {
      await runWith({ path }, ...commands).run({ check: false });
      const { stages } = await runWith({ mark: "a\x1e b " }, ...commands).run({ check: false });
      return [Deno.readTextFileSync(path), stages[0]!.stderrTail];
    };
    const [yes, no] = [["true"], ["false"]];
    assert.deepEqual(await numbers(yes, no, yes), ["2\n", "a\x1e b 1\na\x1e b 2\n"]);
    assert.deepEqual(await numbers(no, yes), ["1\n", "a\x1e b 1\n"]);
    assert.deepEqual(await numbers(yes, no), ["2\n", "a\x1e b 1\na\x1e b 2\n"]);
    const nowhere = runWith({ path: "/nowhere/at/all" }, yes, ["echo", "ran"]);
    const { stages } = await nowhere.to(discard()).run();
    assert.deepEqual([stages[0]!.code, stages[0]!.stderrTail], [0, ""]);
  });

  test("the shell becomes the last command", async () => {
    const parent = ["sh", "-c", "cat /proc/$PPID/comm"];
    const own = await run(["true"], parent).text();
    assert.notEqual(own, shell[0]); // but this test, whose child is now the last command
  });

  test("the environment is unchanged", async () => {
    const variables = { delimiter: "1", word: "2", length: "3", i: "4", n: "5" };
    const env = ["sh", "-c", "echo $delimiter $word $length $i $n"];
    assert.equal(await run(["true"], ["true"], env).env(variables).text(), "1 2 3 4 5");
  });
}
