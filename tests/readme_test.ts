import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { cmd, file, fromJSON, tar } from "../mod.ts";
import { execvm } from "./support/cli.ts";
import { KERNEL } from "./support/kernel.ts";
import { tempDir } from "./support/temp_dir.ts";
import { needs } from "./support/tools.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const README = Deno.readTextFileSync(`${ROOT}/README.md`);

/** The blocks of code of one language, in their order. */
function blocks(language: string): string[] {
  const pattern = new RegExp("^```" + language + "\\n([^]*?)^```$", "gm");
  return [...README.matchAll(pattern)].map(([, code]) => code!);
}

for (const [index, code] of blocks("ts").entries()) {
  const tools = code.includes("import { vm }") ? ["qemu-system-x86_64", "busybox", KERNEL] : [];
  const test = needs(`the TypeScript block ${index + 1} of README runs`, ...tools);
  const fn = async () => {
    using folder = tempDir();
    const script = `${folder.path}/script.ts`;
    Deno.writeTextFileSync(script, code.replaceAll('"./mod.ts"', `"${ROOT}/mod.ts"`));
    const { code: status, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--check", script],
      cwd: ROOT,
      stdout: "null",
      stderr: "piped",
    }).output();
    assert.equal(status, 0, new TextDecoder().decode(stderr));
  };
  Deno.test({ ...test, fn });
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
