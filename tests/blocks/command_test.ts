import assert from "node:assert/strict";
import { chain, type ChainOptions, cmd, local } from "../../mod.ts";
import { chooseDelimiter, commandArgv } from "../../src/model/chain_argv.ts";

Deno.test("cmd() rejects an empty argv", () => {
  // @ts-expect-error a command needs a program
  assert.throws(() => cmd(), { name: "TypeError", message: /empty argv/ });
});

Deno.test("cmd() refuses words that are not strings or contain NUL, and names them", () => {
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

Deno.test("half a surrogate pair, which no program can be given, is refused as a word", () => {
  for (const half of ["\ud800", "\udfff"]) {
    assert.throws(() => cmd("a", half), { name: "TypeError", message: /argv\[1\].*half/ });
    assert.throws(() => cmd("a").env({ A: half }), { name: "TypeError", message: /"A".*half/ });
    assert.throws(() => cmd("a").cwd(half), { name: "TypeError", message: /folder.*half/ });
  }
});

Deno.test("cwd() rejects an empty path and a NUL", () => {
  for (const bad of ["", "a\0", new Uint8Array()]) {
    assert.throws(() => cmd("a").cwd(bad), { name: "TypeError" });
  }
});

Deno.test("env() adds variables, and rejects bad names and NUL", () => {
  assert.deepEqual(cmd("a").env({ A: "1", B: "2" }).env({ B: "3" }).node.env, { A: "1", B: "3" });
  for (const bad of [{ "": "1" }, { "A=B": "1" }, { A: "\0" }]) {
    assert.throws(() => cmd("a").env(bad), { name: "TypeError" });
  }
});

Deno.test("runner.cmd() and on() make the same bound command", () => {
  const runner = local();
  assert.deepEqual(runner.cmd("a", "b").node, cmd("a", "b").on(runner).node);
});

Deno.test("chain() accepts argv lists, commands and chains, and flattens them into one list", () => {
  const node = chain(["a", "b"], cmd("c"), chain(["d"], ["e"])).node;
  assert.deepEqual(node.type === "chain" && node.commands, [["a", "b"], ["c"], ["d"], ["e"]]);
});

Deno.test("chain() takes the destination of the stdout of all commands but the last", () => {
  assert.deepEqual(chain(["a"], ["b"], { stdout: "stderr" }).node, {
    ...{ type: "chain", commands: [["a"], ["b"]], stdout: "stderr", env: {} },
  });
  const plain = chain(["a"], cmd("b")).node;
  assert.deepEqual(chain(["a"], cmd("b"), { stdout: "pass" }).node, plain);
  assert.deepEqual(chain(["a"], cmd("b"), {}).node, plain);
});

Deno.test("chain() refuses unknown options, and an inner chain that has its own", () => {
  const bad = [
    [{ stdout: "file" }, /stdout "file": it is one of pass, stderr, discard/],
    [{ stdin: "pass" }, /stdin: there is no such option/],
  ] as const;
  for (const [options, message] of bad) {
    assert.throws(() => chain(["a"], ["b"], options as ChainOptions), {
      name: "TypeError",
      message,
    });
  }
  assert.throws(() => chain(["a"], { stdout: "discard" }), { message: /chain 1 commands/ });
  const inner = chain(["b"], ["c"], { stdout: "discard" });
  assert.throws(() => chain(["a"], inner), { name: "TypeError", message: /has its own stdout/ });
});

Deno.test("chain() rejects fewer than two commands, and empty ones", () => {
  assert.throws(() => chain(["a"]), { name: "TypeError", message: /two or more/ });
  // @ts-expect-error an empty command
  assert.throws(() => chain(["a"], []), { name: "TypeError", message: /empty argv/ });
});

Deno.test("chain() rejects a command with its own settings", () => {
  assert.throws(() => chain(["a"], cmd("b").env({ A: "1" })), { message: /set them on the chain/ });
  assert.throws(() => chain(["a"], cmd("b").on(local())), { message: /set them on the chain/ });
});

Deno.test("the delimiter of a chain is a word that no argument equals", () => {
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
