import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { cmd, file, fromJSON, tar } from "../mod.ts";
import { execvm } from "./support/cli.ts";
import {
  makeReadersMachine,
  READERS_TOOLS,
  type ReadersMachine,
} from "./support/readers_machine.ts";
import { tempDir } from "./support/temp_dir.ts";
import { needs } from "./support/tools.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const README = Deno.readTextFileSync(`${ROOT}/README.md`);

/** The blocks of code of one language, in their order. */
function blocks(language: string): string[] {
  const pattern = new RegExp("^```" + language + "\\n([^]*?)^```$", "gm");
  return [...README.matchAll(pattern)].map(([, code]) => code!);
}

/** Runs a program where all is that README names. */
async function runAsReader(program: string, ...args: string[]): Promise<void> {
  const { folder: cwd, env } = await readersMachine();
  const command = new Deno.Command(program, { args, cwd, env, clearEnv: true, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(code, 0, `${out}${err}`);
}

const folder = tempDir();
globalThis.addEventListener("unload", () => folder[Symbol.dispose]());
let machine: Promise<ReadersMachine> | undefined;

function readersMachine(): Promise<ReadersMachine> {
  return machine ??= makeReadersMachine(folder.path);
}

const SCRIPTS = blocks("ts").map((code, index) => ({
  name: `block${index + 1}.ts`,
  code: code.replaceAll('"./mod.ts"', `"${ROOT}mod.ts"`),
}));

Deno.test("the TypeScript of README has the right types, also without our configuration", async () => {
  using folder = tempDir();
  const paths = SCRIPTS.map(({ name }) => `${folder.path}/${name}`);
  SCRIPTS.forEach(({ code }, index) => Deno.writeTextFileSync(paths[index]!, code));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--no-config", ...paths],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
});

for (const { name, code } of SCRIPTS) {
  Deno.test({
    ...needs(`${name} of the TypeScript in README runs`, ...READERS_TOOLS),
    async fn() {
      const { folder } = await readersMachine();
      Deno.writeTextFileSync(`${folder}/${name}`, code);
      await runAsReader(Deno.execPath(), "run", "-A", "--quiet", name);
    },
  });
}

/** The blocks of commands, but for those that set all up. */
const COMMANDS = blocks("sh").filter((code) => !code.startsWith("npx "));

for (const [index, code] of COMMANDS.entries()) {
  Deno.test({
    ...needs(`the block ${index + 1} of commands in README runs`, ...READERS_TOOLS),
    fn: () => runAsReader("sh", "-euc", code),
  });
}

Deno.test("the JSON of README is that of its pipeline, and is read back", () => {
  const [json] = blocks("json").map((text) => JSON.parse(text));
  const pipeline = tar("file1", "file2", { compress: "gzip" })
    .pipe(cmd("/bin/tar", "-tzf", "-")).pipe(cmd("wc", "-l")).to(file("output"));
  assert.deepEqual(json, pipeline.toJSON());
  assert.deepEqual(fromJSON(json).toJSON(), json);
});

Deno.test("README's two commands are tasks", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.json`));
  const named = [...README.matchAll(/^npx --yes deno@\S+ task (\w+)$/gm)].map(([, name]) => name!);
  assert.deepEqual(named, ["demo", "test"]);
  for (const name of named) assert.ok(name in tasks);
});

Deno.test("README names every subcommand and every option of run", async () => {
  const { stdout } = await execvm(["--help"]);
  const section = stdout.slice(stdout.indexOf("SUBCOMMANDS"), stdout.indexOf("OPTIONS"));
  const subcommands = [...section.matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name!);
  assert.ok(subcommands.length >= 5);
  for (const name of subcommands) assert.ok(README.includes(`execvm ${name}`), name);
  const help = (await execvm(["run", "--help"])).stdout;
  const options = [...help.matchAll(/^ {2}(?:-\w,| {3}) --(?:no-)?([\w-]+)/gm)];
  assert.ok(options.length >= 20);
  for (const [, option] of options) {
    const names = [`--${option}`, `--no-${option}`, `\`-${option![0]}\``];
    assert.ok(names.some((name) => README.includes(name)), option);
  }
});
