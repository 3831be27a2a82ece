import assert from "node:assert/strict";
import { chain } from "../../mod.ts";
import { parseChain } from "../../src/chain/parse_chain.ts";
import { selfArgv } from "../../src/self/start_again.ts";

const CASES: readonly [string, string[][]][] = [
  ["-- a -- b", [["a"], ["b"]]],
  [">>= a x >>= b y", [["a", "x"], ["b", "y"]]],
  ["-- a -- b -- c", [["a"], ["b", "--", "c"]]],
  ["-- a -- execvm chain -- b -- c", [["a"], ["b"], ["c"]]],
  ["-- a -- /usr/bin/execvm chain + b + execvm chain -- c -- d", [["a"], ["b"], ["c"], ["d"]]],
  [": execvm chain -- a -- b : c", [["a"], ["b"], ["c"]]],
];

for (const [line, commands] of CASES) {
  Deno.test(`chain ${line} runs ${JSON.stringify(commands)}`, () => {
    assert.deepEqual(parseChain(line.split(" ")), commands);
  });
}

const BAD: readonly [readonly string[], RegExp][] = [
  [[], /no delimiter/],
  [["--"], /one command/],
  [["--", "a"], /one command/],
  [["--", "a", "+", "b"], /one command/],
  [["--", "--", "b"], /before "--" is empty/],
  [["--", "a", "--"], /after "--" is empty/],
  [["--", "a", "--", "execvm", "chain", "--", "b"], /one command/],
];

for (const [args, message] of BAD) {
  Deno.test(`chain ${args.join(" ")} is refused in a line`, () => {
    assert.throws(() => parseChain(args), { name: "UsageError", message });
  });
}

Deno.test("what chain() makes is read back as the same commands", () => {
  const commands = [["a", "--"], ["b", "---"], ["c"]] as const;
  const [stage] = chain(...commands).plan().stages;
  assert.deepEqual(parseChain(stage!.argv.slice(2)), commands);
});

Deno.test("a nested chain that starts this very program is taken apart too", () => {
  assert.deepEqual(parseChain(["--", "a", "--", ...selfArgv(), "chain", "--", "b", "--", "c"]), [
    ["a"],
    ["b"],
    ["c"],
  ]);
});
