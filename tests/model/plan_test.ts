import assert from "node:assert/strict";
import {
  chain,
  cmd,
  discard,
  file,
  gzip,
  local,
  stdin,
  stdout,
  tar,
  text,
  untar,
  voidRunner,
} from "../../mod.ts";

Deno.test("plan() binds an unbound command to the default runner", () => {
  const { stages } = cmd("a").pipe(cmd("b").on(local())).plan({ runner: voidRunner() });
  assert.deepEqual(stages.map(({ runner }) => runner?.kind), ["void", "local"]);
});

Deno.test("plan() binds to the local runner by default", () => {
  assert.equal(cmd("a").plan().stages[0]?.runner?.kind, "local");
});

Deno.test("plan() shows the argv on this machine of each stage", () => {
  const [plain, links] = cmd("a", "b").pipe(chain(["c"], ["d"])).plan().stages;
  assert.deepEqual(plain?.runner && plain.hostArgv, ["a", "b"]);
  assert.deepEqual(links?.argv, ["execvm", "chain", "--", "c", "--", "d"]);
  assert.deepEqual(links?.runner && links.hostArgv.slice(-5), ["chain", "--", "c", "--", "d"]);
});

Deno.test("plan() connects commands by pipes, and files, stdin and stdout directly", () => {
  assert.deepEqual(file("i").pipe(cmd("a")).pipe(cmd("b")).to(file("o")).plan().edges, [
    "file",
    "pipe",
    "file",
  ]);
  assert.deepEqual(stdin().pipe(cmd("a")).to(stdout()).plan().edges, ["inherit", "inherit"]);
  assert.deepEqual(cmd("a").plan().edges, ["null", "inherit"]);
  assert.deepEqual(cmd("a").to(discard()).plan().edges, ["null", "null"]);
});

Deno.test("plan() connects stages in this process by streams", () => {
  assert.deepEqual(
    tar("i").pipe(cmd("a")).pipe(gzip()).pipe(cmd("b")).to(untar("o")).plan().edges,
    [
      "stream",
      "stream",
      "stream",
      "stream",
    ],
  );
});

Deno.test("a plan is printed with its words quoted", () => {
  const plan = text("abc").pipe(cmd("grep", "a b")).pipe(gzip()).to(file("out")).plan();
  assert.equal(
    String(plan),
    [
      "text(3 characters)",
      "  | stream",
      "local: grep 'a b'",
      "  | stream",
      "js: gzip",
      "  | stream",
      'file("out")',
    ].join("\n"),
  );
});

Deno.test("a plan is data", () => {
  const plan = file("in").pipe(cmd("wc")).plan();
  assert.deepEqual(JSON.parse(JSON.stringify(plan)), {
    source: 'file("in")',
    stages: [{ runner: "local", argv: ["wc"], hostArgv: ["wc"], stdin: "file", stdout: "inherit" }],
    sink: "stdout()",
  });
});
