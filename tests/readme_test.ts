import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { cmd, each, file, fromJSON, tar } from "../mod.ts";
import { execvm } from "./support/cli.ts";
import {
  makeReadersMachine,
  READERS_TOOLS,
  type ReadersMachine,
} from "./support/readers_machine.ts";
import { tempDir } from "./support/temp_dir.ts";
import { needs } from "./support/tools.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What says how it is used, and the parts of it that go into detail. */
const README = read("README.md");
const DETAILS = ["runners", "fan_out", "code", "cli"].map((name) => `src/${name}/README.md`);
const PAGES = ["README.md", ...DETAILS];

/** Pages that hold no code to run: tests/habits_test.ts is about them. */
const HABITS = [
  "COMPATIBILITY.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "SECURITY.md",
  "findings/README.md",
];

function read(page: string): string {
  return Deno.readTextFileSync(`${ROOT}/${page}`);
}

/** A block of code, and a name for it. */
interface Block {
  readonly name: string;
  readonly code: string;
}

/** The blocks of code of one language, in their order. */
function blocks(language: string, pages = PAGES): Block[] {
  const pattern = new RegExp("^```" + language + "\\n([^]*?)^```$", "gm");
  return pages.flatMap((page) =>
    [...read(page).matchAll(pattern)].map(([, code], index) => ({
      name: `${language} ${index + 1} of ${page}`,
      code: code!,
    }))
  );
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

const SCRIPTS = blocks("ts").map(({ name, code }) => ({
  name,
  file: `${name.replaceAll(/\W+/g, "_")}.ts`,
  code: code.replaceAll(/"[./]*\/mod.ts"/g, `"${ROOT}mod.ts"`),
}));

Deno.test("the TypeScript of README has the right types, also without our configuration", async () => {
  using folder = tempDir();
  const paths = SCRIPTS.map(({ file }) => `${folder.path}/${file}`);
  SCRIPTS.forEach(({ code }, index) => Deno.writeTextFileSync(paths[index]!, code));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--no-config", ...paths],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
});

for (const { name, file, code } of SCRIPTS) {
  Deno.test({
    ...needs(`${name} runs`, ...READERS_TOOLS),
    async fn() {
      const { folder } = await readersMachine();
      Deno.writeTextFileSync(`${folder}/${file}`, code);
      await runAsReader(Deno.execPath(), "run", "-A", "--quiet", file);
    },
  });
}

/** The blocks of commands, but for those that set all up. */
const COMMANDS = blocks("sh").filter(({ code }) => !code.startsWith("npx "));

for (const { name, code } of COMMANDS) {
  Deno.test({
    ...needs(`${name} runs`, ...READERS_TOOLS),
    fn: () => runAsReader("sh", "-euc", code),
  });
}

Deno.test("the JSON of README is that of its pipeline, and is read back", () => {
  const [json] = blocks("json", ["README.md"]).map(({ code }) => JSON.parse(code));
  const pipeline = tar("file1", "file2", { compress: "gzip" })
    .pipe(cmd("/bin/tar", "-tzf", "-")).pipe(cmd("wc", "-l")).to(file("output"));
  assert.deepEqual(json, pipeline.toJSON());
  assert.deepEqual(fromJSON(json).toJSON(), json);
});

Deno.test("the JSON of README's fan-out is that of one, and is read back", () => {
  const [json] = blocks("json", ["src/fan_out/README.md"]).map(({ code }) => JSON.parse(code));
  const fanOut = each(["mod.ts"], (name) => cmd("wc", "-l", name), { concurrency: 4 })
    .pipe(cmd("sort", "-n"));
  assert.deepEqual(fromJSON(json).toJSON(), fanOut.toJSON());
});

Deno.test("README's two commands are tasks", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.json`));
  const named = [...README.matchAll(/^npx --yes deno@\S+ task (\w+)$/gm)].map(([, name]) => name!);
  assert.deepEqual(named, ["demo", "test"]);
  for (const name of named) assert.ok(name in tasks);
});

Deno.test("README leads to each page that goes into detail, and each link to a file", () => {
  const links = [...README.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target!);
  const pages = new Set(links.filter((target) => target.endsWith(".md")));
  assert.deepEqual([...pages].sort(), [...HABITS, ...DETAILS].sort());
  for (const target of links) assert.ok(Deno.statSync(`${ROOT}/${target}`).isFile, target);
});

Deno.test("README names every subcommand, and with its details every option of run", async () => {
  const all = PAGES.map(read).join("\n");
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
    assert.ok(names.some((name) => all.includes(name)), option);
  }
});
