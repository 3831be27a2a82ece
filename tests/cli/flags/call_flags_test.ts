// The flags of `execvm code` and `execvm image prepare`, from a command line to options; nothing is
// run.

import assert from "node:assert/strict";
import { type Command, type CommandContext, run } from "npm:@stricli/core@1.3.0";
import type { PipOptions, PrepareOptions, RunCodeOptions } from "../../../mod.ts";
import { loadApplication } from "../../../src/cli/app.ts";
import { toOptions as toCodeOptions } from "../../../src/cli/commands/code.ts";
import { toOptions as toPrepareOptions } from "../../../src/cli/commands/image_prepare.ts";
import { optionsOf, targetOf } from "../../../src/cli/flags/routes.ts";
import type { CliContext } from "../../../src/cli/frame/context.ts";
import { CODE_OPTION_SPECS } from "../../../src/code/option_specs.ts";
import type { DebianOptions, RegistryOptions } from "../../../src/images/root_source.ts";
import { PREPARE_OPTION_SPECS } from "../../../src/prepare/option_specs.ts";
import type { CallOption, CallSpecs, NoFlag } from "../../../src/runners/contract/call_option.ts";
import type { SameKeys } from "../../support/same_keys.ts";

// If one of these is an error, an option lacks a spec, or a spec has no option.
type Prepare = typeof PREPARE_OPTION_SPECS;
true satisfies SameKeys<RunCodeOptions, typeof CODE_OPTION_SPECS>;
true satisfies SameKeys<PrepareOptions, Prepare>;
true satisfies SameKeys<PipOptions, Prepare["pip"]["fields"]>;
true satisfies SameKeys<DebianOptions, Prepare["debian"]["fields"]>;
true satisfies SameKeys<RegistryOptions, Prepare["registry"]["fields"]>;
// @ts-expect-error: `wheels` has no spec
({ requirements: { noFlag: "" }, index: { noFlag: "" } }) satisfies CallSpecs<PipOptions>;

/** The options of a table that have flags. */
type Flagged<Table> = {
  [Name in keyof Table]: Table[Name] extends NoFlag ? never : Name;
}[keyof Table];

/** Words of a command line, an option, and the value that they give it. */
type Row = readonly [words: readonly string[], value: unknown];

const CODE_ROWS = {
  language: [["--lang", "sh"], "sh"],
  argv: [["--argv", "perl", "--argv=-e", "--argv", "{code}"], ["perl", "-e", "{code}"]],
  output: [["--output", "all"], "all"],
  paths: [["--output", "paths", "--path", "/a/*", "--path", "/b"], ["/a/*", "/b"]],
  outputsDir: [["--outputs-dir", "out"], "out"],
  outputsTar: [["--outputs-tar", "out.tar"], "out.tar"],
  files: [["--file", "a:b:c", "--file", "/d:e"], { c: "a:b", e: "/d" }],
  env: [["--env", "A=1=2", "--env", "B="], { A: "1=2", B: "" }],
  warm: [["--warm", "import numpy"], "import numpy"],
  timeoutMs: [["--timeout", "200ms"], 200],
  maxOutputBytes: [["--max-output-bytes", "0"], 0],
  memoryMib: [["--memory", "2G"], 2048],
  cpus: [["--cpus", "2"], 2],
  workspaceMib: [["--workspace", "64"], 64],
  user: [["--user", "1000:app"], "1000:app"],
  network: [["--network", "user"], "user"],
  accel: [["--accel", "tcg"], "tcg"],
  kernel: [["--kernel", "bzImage"], "bzImage"],
  modules: [["--modules", "mods"], "mods"],
  initrd: [["--initrd", "initrd.cpio"], "initrd.cpio"],
  append: [["--append", "quiet loglevel=1"], "quiet loglevel=1"],
  machine: [["--machine", "pc"], "pc"],
  qemu: [["--qemu", "/usr/bin/qemu"], "/usr/bin/qemu"],
  bootTimeoutMs: [["--boot-timeout-ms", "5000"], 5000],
  template: [["--no-template"], false],
} satisfies Record<Flagged<typeof CODE_OPTION_SPECS>, Row>;

const PREPARE_ROWS = {
  packages: [["--package", "jq,curl", "--package", "make"], ["jq", "curl", "make"]],
  pip: [
    ["--pip", "a==1", "--pip", "b", "--wheels", "w", "--index", "http://i"],
    { requirements: ["a==1", "b"], wheels: "w", index: "http://i" },
  ],
  files: [["--file", "a:/etc/a"], { "/etc/a": "a" }],
  run: [["--run", "a b", "--run", "c"], [["sh", "-c", "a b"], ["sh", "-c", "c"]]],
  network: [["--network"], true],
  refresh: [["--refresh"], true],
  name: [["--name", "py"], "py"],
  cacheKey: [["--cache-key", "mine"], "mine"],
  platform: [["--platform", "linux/arm64"], "linux/arm64"],
  reference: [["--reference", "v1"], "v1"],
  docker: [["--docker", "podman"], "podman"],
  debian: [
    ["--mirror", "http://m", "--include", "a,b", "--include", "c", "--variant", "apt"],
    { mirror: "http://m", include: ["a", "b", "c"], variant: "apt" },
  ],
  registry: [["--insecure"], { insecure: true }],
  format: [["--format", "erofs"], "erofs"],
  sizeMib: [["--size", "1G"], 1024],
  memoryMib: [["--memory", "512M"], 512],
  cpus: [["--cpus", "4"], 4],
  accel: [["--accel", "kvm"], "kvm"],
  stepTimeoutMs: [["--step-timeout", "5m"], 300_000],
} satisfies Record<Flagged<Prepare>, Row>;

const CODE = ["code", "--image", "x"];
const PREPARE = ["image", "prepare"];

const application = await loadApplication();

function commandOf(name: readonly string[]): Command<CliContext> {
  return targetOf(application.root, name) as Command<CliContext>;
}

/**
 * Parses a command line into the flags that its subcommand gets.
 *
 * @throws {Error} with the reported message.
 */
async function flagsOf(name: readonly string[], words: readonly string[]): Promise<object> {
  let read: object | undefined;
  let said = "";
  const probe = {
    ...commandOf(name),
    loader: () => Promise.resolve((flags: object) => void (read = flags)),
  };
  const stream = { write: (text: string) => void (said += text) };
  const context = { process: { stdout: stream, stderr: stream, env: {} } };
  await run({ ...application, root: probe as never }, words, context as CommandContext as never);
  if (read !== undefined) return read;
  throw new Error(said);
}

async function codeOptions(...words: string[]): Promise<RunCodeOptions> {
  return toCodeOptions(await flagsOf(["code"], ["--image", "x", ...words, "-"]));
}

async function prepareOptions(...words: string[]): Promise<PrepareOptions> {
  return toPrepareOptions("root", await flagsOf(PREPARE, [...words, "root"]));
}

for (const [name, [words, value]] of Object.entries<Row>(CODE_ROWS)) {
  Deno.test(`execvm code ${words.join(" ")} gives ${name} of runCode()`, async () => {
    const { output, ...options } = await codeOptions(...words);
    const isOutput = name === "output";
    assert.deepEqual(isOutput ? { output } : options, { [name]: value });
    assertInHelp(CODE.slice(0, 1), words);
  });
}

for (const [name, [words, value]] of Object.entries<Row>(PREPARE_ROWS)) {
  Deno.test(`execvm image prepare ${words.join(" ")} gives ${name} of prepareImage()`, async () => {
    assert.deepEqual(await prepareOptions(...words), { from: "root", [name]: value });
    assertInHelp(PREPARE, words);
  });
}

/** Help, man page and completions are made from the same options. */
function assertInHelp(name: readonly string[], words: readonly string[]): void {
  const known = optionsOf(commandOf(name)).map(({ long }) => long);
  const given = words.filter((word) => word.startsWith("--")).map((word) => word.split("=")[0]!);
  assert.ok(given.length > 0);
  assert.deepEqual(given.filter((word) => !known.includes(word)), []);
}

Deno.test("without flags there are no options", async () => {
  assert.deepEqual(await codeOptions(), {});
  assert.deepEqual(await prepareOptions(), { from: "root" });
});

Deno.test("--no-warm is warm: false, and excludes --warm", async () => {
  assert.deepEqual(await codeOptions("--no-warm"), { warm: false });
  await assert.rejects(codeOptions("--warm", "", "--no-warm"), { name: "UsageError" });
});

Deno.test("--path implies --output paths, but does not override --output", async () => {
  assert.deepEqual(await codeOptions("--path", "/a"), { paths: ["/a"], output: "paths" });
  const both = await codeOptions("--path", "/a", "--output", "diff");
  assert.deepEqual(both, { paths: ["/a"], output: "diff" }); // which runCode() refuses
});

Deno.test("--wheels and --index require --pip", async () => {
  for (const words of [["--wheels", "w"], ["--index", "http://i"]]) {
    await assert.rejects(prepareOptions(...words), { name: "UsageError", message: /for --pip/ });
  }
});

const REFUSED: readonly [read: () => Promise<unknown>, message: RegExp][] = [
  [() => codeOptions("--lang", "pyhton"), /--lang "pyhton".*did you mean python\?/],
  [() => codeOptions("--network", "usr"), /--network "usr".*did you mean user\?/],
  [() => codeOptions("--file", "a"), /--file "a".*HOST:GUEST/],
  [() => codeOptions("--env", "=a"), /--env "=a".*NAME=VALUE/],
  [() => codeOptions("--boot-timeout-ms", "1s"), /--boot-timeout-ms "1s".*not a number/],
  [() => prepareOptions("--format", "ext"), /--format "ext".*did you mean ext4\?/],
  [() => prepareOptions("--step-timeout", "soon"), /--step-timeout "soon".*not a duration/],
];

for (const [read, message] of REFUSED) {
  Deno.test(`an invalid value is rejected: ${message}`, async () => {
    await assert.rejects(read, { message });
  });
}

Deno.test("an option without a flag has a reason", () => {
  const tables: Readonly<Record<string, CallOption>>[] = [CODE_OPTION_SPECS, PREPARE_OPTION_SPECS];
  for (const [name, option] of tables.flatMap((table) => Object.entries(table))) {
    if ("noFlag" in option) assert.ok(option.noFlag.length > 10, name);
  }
});
