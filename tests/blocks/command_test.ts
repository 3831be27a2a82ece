import assert from "node:assert/strict";
import { chain, cmd, local } from "../../mod.ts";
import { chooseDelimiter, commandArgv } from "../../src/model/chain_argv.ts";

Deno.test("cmd() refuses an empty argv", () => {
  // @ts-expect-error a command needs a program
  assert.throws(() => cmd(), { name: "TypeError", message: /empty argv/ });
});

Deno.test("cmd() refuses what is no string, and a NUL, and says which word", () => {
  // @ts-expect-error a number is no word
  assert.throws(() => cmd("a", 1), { name: "TypeError", message: /argv\[1\]/ });
  assert.throws(() => cmd("a", "b", "c\0"), { name: "TypeError", message: /argv\[2\].*NUL/ });
});

Deno.test("words may be bytes, which nodes hold as strings", () => {
  const odd = Uint8Array.of(0x61, 0xff, 0x62);
  const command = cmd(new TextEncoder().encode("é"), odd).env({ A: odd }).cwd(odd);
  assert.deepEqual(command.node, {
    type: "command",
    args: ["é", "a\udcffb"],
    env: { A: "a\udcffb" },
    cwd: "a\udcffb",
  });
  assert.deepEqual(cmd("é", "a\udcffb").env({ A: odd }).cwd(odd).node, command.node);
});

Deno.test("half a surrogate pair, which no program can be given, is no word", () => {
  for (const half of ["\ud800", "\udfff"]) {
    assert.throws(() => cmd("a", half), { name: "TypeError", message: /argv\[1\].*half/ });
    assert.throws(() => cmd("a").env({ A: half }), { name: "TypeError", message: /"A".*half/ });
    assert.throws(() => cmd("a").cwd(half), { name: "TypeError", message: /folder.*half/ });
  }
});

Deno.test("cwd() refuses an empty path and a NUL", () => {
  for (const bad of ["", "a\0", new Uint8Array()]) {
    assert.throws(() => cmd("a").cwd(bad), { name: "TypeError" });
  }
});

Deno.test("env() adds up, refuses bad names and NUL", () => {
  assert.deepEqual(cmd("a").env({ A: "1", B: "2" }).env({ B: "3" }).node.env, { A: "1", B: "3" });
  for (const bad of [{ "": "1" }, { "A=B": "1" }, { A: "\0" }]) {
    assert.throws(() => cmd("a").env(bad), { name: "TypeError" });
  }
});

Deno.test("a bound command is the same by runner.cmd() and by on()", () => {
  const runner = local();
  assert.deepEqual(runner.cmd("a", "b").node, cmd("a", "b").on(runner).node);
});

Deno.test("chain() takes words, commands and chains, and makes one list of them", () => {
  const node = chain(["a", "b"], cmd("c"), chain(["d"], ["e"])).node;
  assert.deepEqual(node.type === "chain" && node.commands, [["a", "b"], ["c"], ["d"], ["e"]]);
});

Deno.test("chain() refuses fewer than two commands, and empty ones", () => {
  assert.throws(() => chain(["a"]), { name: "TypeError", message: /two or more/ });
  // @ts-expect-error an empty command
  assert.throws(() => chain(["a"], []), { name: "TypeError", message: /empty argv/ });
});

Deno.test("chain() refuses a command with settings of its own", () => {
  assert.throws(() => chain(["a"], cmd("b").env({ A: "1" })), { message: /set them on the chain/ });
  assert.throws(() => chain(["a"], cmd("b").on(local())), { message: /set them on the chain/ });
});

Deno.test("the delimiter of a chain is a word that no argument uses", () => {
  assert.equal(chooseDelimiter([["a"], ["b"]]), "--");
  assert.equal(chooseDelimiter([["a", "--"], ["----", "b", "---"]]), "-----");
});

Deno.test("the argv of a chain is that of the seed: nested, with one delimiter", () => {
  const argv = commandArgv(
    chain(["/bin/tar", "-xaf", "-"], ["/bin/make"], ["/bin/cat", "pkg"]).node,
  );
  assert.equal(
    argv.join(" "),
    "execvm chain -- /bin/tar -xaf - -- execvm chain -- /bin/make -- /bin/cat pkg",
  );
});
