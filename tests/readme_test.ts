import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { cmd, code, each, file, fromJSON, tar } from "../mod.ts";
import { execvm } from "./support/cli.ts";
import {
  makeReadersMachine,
  READERS_TOOLS,
  type ReadersMachine,
} from "./support/readers_machine.ts";
import { tempDir } from "./support/temp_dir.ts";
import { needs } from "./support/tools.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The README, and the page of each topic. */
const README = read("README.md");
const TOPICS = [...Deno.readDirSync(`${ROOT}/docs`)].map(({ name }) => `docs/${name}`).sort();
const PAGES = ["README.md", ...TOPICS];
/** The page on subcommands and options. */
const COMMAND_LINE = read("docs/cli.md");

/** How many words of a manual people read a minute: fewer than the 240 of other prose. */
const WORDS_A_MINUTE = 200;

/** Pages without code to run, which tests/habits_test.ts checks. */
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

/** A block of code, and a name for it: its language, and its number among those of that. */
interface Block {
  readonly name: string;
  readonly language: string;
  readonly code: string;
}

/** The code blocks of one language, or of several (`sh|ts`), in order. */
function blocks(languages: string, pages = PAGES): Block[] {
  const pattern = new RegExp("^```(" + languages + ")\\n([^]*?)^```$", "gm");
  return pages.flatMap((page) => {
    const counts: Record<string, number> = {};
    return [...read(page).matchAll(pattern)].map(([, language, code]) => {
      const number = counts[language!] = (counts[language!] ?? 0) + 1;
      return { name: `${language} ${number} of ${page}`, language: language!, code: code! };
    });
  });
}

/** Runs a program in an environment with everything that the README names. */
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

Deno.test("the TypeScript in the documentation type-checks, also without our configuration", async () => {
  using folder = tempDir();
  const paths = SCRIPTS.map(({ file }) => `${folder.path}/${file}`);
  SCRIPTS.forEach(({ code }, index) => Deno.writeTextFileSync(paths[index]!, code));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--no-config", ...paths],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
});

/** Runs a script as a file of the current folder. */
async function runScript(file: string, code: string): Promise<void> {
  const { folder } = await readersMachine();
  Deno.writeTextFileSync(`${folder}/${file}`, code);
  await runAsReader(Deno.execPath(), "run", "-A", "--quiet", file);
}

for (const page of PAGES) {
  // In the order of the page, as a reader pastes them, except the set-up.
  for (const { name, language, code } of blocks("sh|ts", [page])) {
    if (code.startsWith("npx ")) continue;
    const script = SCRIPTS.find((script) => script.name === name);
    Deno.test({
      ...needs(`${name} runs`, ...READERS_TOOLS),
      fn: () =>
        language === "sh" ? runAsReader("sh", "-euc", code) : runScript(script!.file, script!.code),
    });
  }
}

Deno.test("the JSON of a pipeline in docs matches the pipeline, and can be read back", () => {
  const [json] = blocks("json", ["docs/api.md"]).map(({ code }) => JSON.parse(code));
  const pipeline = tar("file1", "file2", { compress: "gzip" })
    .pipe(cmd("/bin/tar", "-tzf", "-")).pipe(cmd("wc", "-l")).to(file("output"));
  assert.deepEqual(json, pipeline.toJSON());
  assert.deepEqual(fromJSON(json).toJSON(), json);
});

Deno.test("the JSON of a fan-out in docs matches a fan-out, and can be read back", () => {
  const [json] = blocks("json", ["docs/fan-out.md"]).map(({ code }) => JSON.parse(code));
  const fanOut = each(["mod.ts"], (name) => cmd("wc", "-l", name), { concurrency: 4 })
    .pipe(cmd("sort", "-n"));
  assert.deepEqual(fromJSON(json).toJSON(), fanOut.toJSON());
});

Deno.test("the JSON of code in docs matches the block, and can be read back", () => {
  const [, json] = blocks("json", ["docs/fan-out.md"]).map(({ code }) => JSON.parse(code));
  const files = { "a.bin": Uint8Array.of(0, 255) };
  const block = code("py", "print(input().upper())", { files, timeoutMs: 10_000 });
  assert.deepEqual(fromJSON(json).toJSON(), block.pipe(cmd("wc", "-c")).toJSON());
});

Deno.test("the README's two commands are tasks", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.json`));
  const named = [...README.matchAll(/^npx --yes deno@\S+ task (\w+)$/gm)].map(([, name]) => name!);
  assert.deepEqual(named, ["demo", "test"]);
  for (const name of named) assert.ok(name in tasks);
});

Deno.test("the README links to each page, and all links of all pages are valid", () => {
  for (const page of [...PAGES, ...HABITS]) {
    const targets = [...read(page).matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target!);
    for (const target of targets.filter((target) => !/^https?:/.test(target))) {
      const { pathname, hash } = new URL(target, `file://${ROOT}/${page}`);
      assert.ok(Deno.statSync(pathname).isFile, `${target} of ${page}`);
      if (hash === "") continue;
      const anchors = headings(Deno.readTextFileSync(pathname)).map(anchorOf);
      assert.ok(anchors.includes(hash.slice(1)), `${target} of ${page}`);
    }
  }
  for (const page of [...TOPICS, ...HABITS]) assert.ok(README.includes(`](${page})`), page);
});

/** The headings of a page, ignoring its code blocks. */
function headings(text: string): string[] {
  const prose = text.replaceAll(/^```[^]*?^```$/gm, "");
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
}

/** The anchor of a heading, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-");
}

Deno.test("the README has its first success within 30 lines", () => {
  const top = README.split("\n").slice(0, 30).join("\n");
  assert.match(top, /^```sh\n[^]*?^```$/m);
  assert.match(top, /^```ts\n[^]*?^```$/m);
});

Deno.test("no page takes longer to read than ten minutes", () => {
  for (const page of PAGES) {
    const words = read(page).split(/\s+/).filter((word) => /\w/.test(word)).length;
    assert.ok(words <= 10 * WORDS_A_MINUTE, `${page} has ${words} words`);
  }
});

Deno.test("the page on the command line names every subcommand, and the pages every option of run", async () => {
  const all = PAGES.map(read).join("\n");
  const { stdout } = await execvm(["--help"]);
  const section = stdout.slice(stdout.indexOf("SUBCOMMANDS"), stdout.indexOf("OPTIONS"));
  const subcommands = [...section.matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name!);
  assert.ok(subcommands.length >= 5);
  for (const name of subcommands) assert.ok(COMMAND_LINE.includes(`execvm ${name}`), name);
  const help = (await execvm(["run", "--help"])).stdout;
  const options = [...help.matchAll(/^ {2}(?:-\w,| {3}) --(?:no-)?([\w-]+)/gm)];
  assert.ok(options.length >= 20);
  for (const [, option] of options) {
    const names = [`--${option}`, `--no-${option}`, `\`-${option![0]}\``];
    assert.ok(names.some((name) => all.includes(name)), option);
  }
});
