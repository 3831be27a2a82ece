import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseTaskArgs } from "../../src/bundle/task_args.ts";

const OPTIONS = { part: { type: "string" }, quick: { type: "boolean" } } as const;

Deno.test("parseTaskArgs() returns what parseArgs() returns", () => {
  const { values } = parseTaskArgs("", { args: ["--part", "vm", "--quick"], options: OPTIONS });
  assert.deepEqual({ ...values }, { part: "vm", quick: true });
});

for (
  const [args, message] of [
    [["--foo"], "cannot run: unknown option --foo"],
    [["-f"], "cannot run: unknown option -f"],
    [["a.txt"], "cannot run: unexpected argument a.txt"],
    [["--part"], "cannot run: option --part <value> argument missing"],
    [["--part", "--quick"], "cannot run: option --part argument is ambiguous"],
    [["--quick=yes"], "cannot run: option --quick does not take an argument"],
  ] as const
) {
  Deno.test(`parseTaskArgs() refuses ${args.join(" ")} in one line`, () => {
    assert.throws(() => parseTaskArgs("", { args: [...args], options: OPTIONS }), { message });
  });
}

const TASKS = [
  "src/bundle/compile.ts",
  "src/bundle/bundle_module.ts",
  "tests/systems/main.ts",
  "tests/run.ts",
  "tests/bench/main.ts",
];

for (const name of TASKS) {
  Deno.test(`${name} refuses an unknown option, in one line`, async () => {
    const { success, output } = await runTask(name, "--foo");
    assert.equal(output, "cannot run: unknown option --foo\n");
    assert.equal(success, false);
  });

  Deno.test(`${name} has help`, async () => {
    const { success, output } = await runTask(name, "--help");
    assert.match(output, /^deno task [a-z]+ \[--[^]*\n {2}--/);
    assert.equal(success, true);
  });
}

async function runTask(name: string, ...args: string[]) {
  const path = fileURLToPath(new URL(`../../${name}`, import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", path, ...args],
  }).output();
  return { success, output: new TextDecoder().decode(new Uint8Array([...stdout, ...stderr])) };
}
