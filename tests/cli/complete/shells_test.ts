// The scripts of `execvm completions` in the shells themselves.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { EXECVM } from "../../support/cli.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { needs } from "../../support/tools.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));

/** A line, what bash makes of it, and what it can become: whole words; bash replaces less of them. */
interface Case {
  readonly line: string;
  readonly words: readonly string[];
  readonly becomes: readonly string[];
  readonly inBash?: readonly string[];
}

const CASES: readonly Case[] = [
  { line: "execvm ru", words: ["execvm", "ru"], becomes: ["run"] },
  { line: "execvm run -r v", words: ["execvm", "run", "-r", "v"], becomes: ["vm", "void"] },
  {
    line: "execvm run -r ssh:al",
    words: ["execvm", "run", "-r", "ssh", ":", "al"],
    becomes: ["ssh:alpha"],
    inBash: ["alpha"],
  },
  {
    line: "execvm run --accel=k",
    words: ["execvm", "run", "--accel", "=", "k"],
    becomes: ["--accel=kvm"],
    inBash: ["kvm"],
  },
  {
    line: "execvm run --device fi",
    words: ["execvm", "run", "--device", "fi"],
    becomes: ["file.img"],
  },
  {
    line: "execvm run --root=fi",
    words: ["execvm", "run", "--root", "=", "fi"],
    becomes: ["--root=file.img"],
    inBash: ["file.img"],
  },
  {
    line: "execvm run -r vm -- sha224s",
    words: ["execvm", "run", "-r", "vm", "--", "sha224s"],
    becomes: ["sha224sum"],
  },
  {
    line: "execvm run -r ssh:alpha -- cat fi",
    words: ["execvm", "run", "-r", "ssh", ":", "alpha", "--", "cat", "fi"],
    becomes: ["file.img"],
  },
];

/** A home with a host that ssh knows, a folder with a file, and an execvm in PATH. */
function setUp(folder: string): { cwd: string; env: Record<string, string> } {
  for (const name of ["bin", "home/.ssh", "cwd", "zsh"]) {
    Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
  }
  const words = EXECVM.map((word) => `'${word}'`).join(" ");
  Deno.writeTextFileSync(`${folder}/bin/execvm`, `#!/bin/sh\nexec ${words} "$@"\n`, {
    mode: 0o755,
  });
  Deno.writeTextFileSync(`${folder}/home/.ssh/config`, "Host alpha *.example\n");
  Deno.writeTextFileSync(`${folder}/cwd/file.img`, "");
  const denoDir = JSON.parse(
    new TextDecoder().decode(
      new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync().stdout,
    ),
  ).denoDir;
  const path = `${folder}/bin:${Deno.env.get("PATH")}`;
  return {
    cwd: `${folder}/cwd`,
    env: { PATH: path, HOME: `${folder}/home`, DENO_DIR: denoDir, TERM: "dumb" },
  };
}

type Ask = (folder: string, how: ReturnType<typeof setUp>, one: Case) => Promise<string[]>;

async function linesOf(argv: readonly string[], how: ReturnType<typeof setUp>): Promise<string[]> {
  const [program, ...args] = argv;
  const { stdout, stderr } = await new Deno.Command(program!, { args, ...how, stdin: "null" })
    .output();
  const decoder = new TextDecoder();
  const lines = decoder.decode(stdout).split("\n").filter((line) => line !== "");
  assert.equal(decoder.decode(stderr), "");
  return lines;
}

const askFish: Ask = async (_folder, how, { line }) => {
  const script = "execvm completions fish | source; complete -C $argv[1]";
  const lines = await linesOf(["fish", "--no-config", "-c", script, line], how);
  return lines.map((line) => line.split("\t")[0]!);
};

const askZsh: Ask = async (folder, how, { line }) => {
  const place = Deno.makeTempDirSync({ dir: `${folder}/zsh` });
  const [buffer, ...hits] = await linesOf(
    ["zsh", "-f", `${FIXTURES}/complete.zsh`, place, line],
    how,
  );
  // One match is in the line already; its file may be offered without what stands before it.
  const last = buffer!.trimEnd().split(" ").at(-1)!;
  return hits.length === 1 ? [last] : hits;
};

const askBash: Ask = async (_folder, how, { line, words }) =>
  await linesOf(["bash", "--norc", `${FIXTURES}/complete.bash`, line, ...words], how);

for (const [shell, ask] of [["bash", askBash], ["zsh", askZsh], ["fish", askFish]] as const) {
  const test = needs(`${shell} completes subcommands, options, values, files and commands`, shell);
  const fn = async () => {
    using folder = tempDir();
    const how = setUp(folder.path);
    for (const one of CASES) {
      const expected = shell === "bash" ? one.inBash ?? one.becomes : one.becomes;
      const found = new Set(await ask(folder.path, how, one)); // a program may be twice in PATH
      assert.deepEqual([...found].sort(), expected, one.line);
    }
  };
  Deno.test({ ...test, fn });
}
