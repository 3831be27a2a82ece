import assert from "node:assert/strict";
import { loadApplication } from "../../../src/cli/app.ts";
import { optionsOf, type Target, targetOf } from "../../../src/cli/flags/routes.ts";
import { toText } from "../../../src/cli/help/layout.ts";
import { MANUAL } from "../../../src/cli/help/manual.ts";
import { pageOf } from "../../../src/cli/help/page.ts";
import { RUNNER_TYPES } from "../../../src/runners/mod.ts";
import { execvm } from "../../support/cli.ts";

const { root } = await loadApplication();

function* names(target: Target, prefix: readonly string[]): Generator<string> {
  yield prefix.join(" ");
  if (!("getAllEntries" in target)) return;
  for (const { name, target: inner, hidden } of target.getAllEntries()) {
    if (!hidden) yield* names(inner, [...prefix, name.original]);
  }
}

const NAMES = [...names(root, [])];

function textOf(name: string, width = 80): string {
  const words = name === "" ? [] : name.split(" ");
  return toText(pageOf(targetOf(root, words)!, ["execvm", ...words]), { width, isBold: false });
}

for (const name of NAMES) {
  Deno.test(`the page of execvm ${name} has all sections, and fits the width`, () => {
    for (const width of [40, 80, 100]) {
      const text = textOf(name, width);
      for (const title of ["USAGE", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES"]) {
        assert.match(text, new RegExp(`^${title}$`, "m"), `${title} of ${name}`);
      }
      const prose = text.slice(text.indexOf("DESCRIPTION"), text.indexOf("EXAMPLES"));
      const long = prose.split("\n").filter((line) =>
        line.length > width && !/^OPTIONS OF/.test(line)
      );
      assert.ok(long.every((line) => line.trim().split(" ").length <= 3), long.join("\n"));
    }
  });
}

Deno.test("help names the kind of each value: none is just a VALUE", () => {
  const vague = NAMES.flatMap((name) =>
    textOf(name).split("\n").filter((line) => / VALUE\b/.test(line)).map((line) => name + line)
  );
  assert.deepEqual(vague, []);
});

Deno.test("the manual has only existing subcommands", () => {
  assert.deepEqual(Object.keys(MANUAL).filter((name) => !NAMES.includes(name)), []);
});

Deno.test("the examples of help use existing subcommands and options", () => {
  const lines = Object.values(MANUAL).flatMap(({ examples }) => examples.flat());
  const calls = lines.filter((line) => !line.startsWith("#")).flatMap((line) =>
    [...line.matchAll(/execvm ([^|&)']+)/g)].map(([, words]) => words!.trim().split(/\s+/))
  );
  assert.ok(calls.length > 30);
  for (const words of calls) {
    let depth = words.length;
    while (targetOf(root, words.slice(0, depth)) === undefined) depth -= 1;
    const target = targetOf(root, words.slice(0, depth))!;
    assert.ok(depth > 0 && !("getAllEntries" in target), words.join(" "));
    const known = optionsOf(target).flatMap(({ long, short }) => [long, short]);
    const end = words.includes("--") ? words.indexOf("--") : words.length;
    for (const word of words.slice(depth, end).filter((word) => /^--?\w/.test(word))) {
      assert.ok(known.includes(word), `${word} of ${words.join(" ")}`);
    }
  }
});

Deno.test("the page of run has the options of each kind of runner, with their defaults", () => {
  const text = textOf("run", 100);
  for (const { kind, options } of RUNNER_TYPES) {
    if (Object.keys(options).length > 0) {
      assert.match(text, new RegExp(`^OPTIONS OF -r ${kind}:`, "m"));
    }
  }
  assert.match(text, /--memory MIB\|2G +Memory of the guest \(default: 512\)/);
  assert.match(text, /--no-template +Do not clone/);
  assert.match(text, /-v, --verbose/);
  assert.match(text, /--env K=V/);
});

Deno.test("execvm help shows what --help shows", async () => {
  const { stdout } = await execvm(["help", "image", "prepare"]);
  assert.equal((await execvm(["image", "prepare", "--help"])).stdout, stdout);
  assert.equal((await execvm(["image", "prepare", "-h"])).stdout, stdout);
  assert.equal(stdout, textOf("image prepare"));
});

for (
  const [topic, fact] of [["exit-status", "126"], ["environment", "EXECVM_CACHE"], [
    "runners",
    "docker[:IMAGE]",
  ]] as const
) {
  Deno.test(`execvm help ${topic} shows its page`, async () => {
    const { code, stdout, stderr } = await execvm(["help", topic]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.ok(stdout.includes(fact));
  });
}

Deno.test("COLUMNS sets the width of help", async () => {
  const { stdout } = await execvm(["help", "doctor"], { env: { COLUMNS: "60" } });
  assert.equal(stdout, textOf("doctor", 60));
});
