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

/** The commands of a chain. */
const commandsOf = (args: readonly string[]) => parseChain(args).map(({ argv }) => argv);

for (const [line, commands] of CASES) {
  Deno.test(`chain ${line} runs ${JSON.stringify(commands)}`, () => {
    assert.deepEqual(commandsOf(line.split(" ")), commands);
  });
}

/** Where the stdout of each command goes. */
const PLACES: readonly [string, string[]][] = [
  ["-- a -- b", ["pass", "pass"]],
  ["--stdout=discard -- a -- b", ["discard", "pass"]],
  ["--stdout stderr -- a -- b", ["stderr", "pass"]],
  ["--stdout=pass -- a -- b", ["pass", "pass"]],
  ["--stdout=stderr -- a -- execvm chain -- b -- c", ["stderr", "pass", "pass"]],
  ["-- a -- execvm chain --stdout=discard -- b -- c", ["pass", "discard", "pass"]],
  [
    "--stdout=stderr : execvm chain --stdout=discard -- a -- b : c",
    ["discard", "stderr", "pass"],
  ],
  ["--stdout=discard : execvm chain -- a -- b : c", ["discard", "discard", "pass"]],
  ["-- --stdout=stderr -- b", ["pass", "pass"]],
];

for (const [line, places] of PLACES) {
  Deno.test(`the stdout of the commands of chain ${line} goes to ${places.join(", ")}`, () => {
    assert.deepEqual(parseChain(line.split(" ")).map(({ stdout }) => stdout), places);
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
  [
    ["--stdout=file", "--", "a", "--", "b"],
    /--stdout file: it must be one of pass, stderr, discard/,
  ],
  [["--stdout"], /--stdout : it must be one of/],
  [["--stdout=discard", "--", "a"], /one command/],
];

for (const [args, message] of BAD) {
  Deno.test(`chain ${args.join(" ")} is rejected with one line`, () => {
    assert.throws(() => parseChain(args), { name: "UsageError", message });
  });
}

Deno.test("the argv that chain() makes is parsed into the same commands", () => {
  const commands = [["a", "--"], ["b", "---"], ["c"]] as const;
  const [stage] = chain(...commands).plan().stages;
  assert.deepEqual(commandsOf(stage!.argv.slice(2)), commands);
  const [apart] = chain(...commands, { stdout: "discard" }).plan().stages;
  assert.deepEqual(parseChain(apart!.argv.slice(2)), [
    { argv: commands[0], stdout: "discard" },
    { argv: commands[1], stdout: "discard" },
    { argv: commands[2], stdout: "pass" },
  ]);
});

Deno.test("a nested chain that starts this program itself is flattened too", () => {
  assert.deepEqual(commandsOf(["--", "a", "--", ...selfArgv()!, "chain", "--", "b", "--", "c"]), [
    ["a"],
    ["b"],
    ["c"],
  ]);
});
