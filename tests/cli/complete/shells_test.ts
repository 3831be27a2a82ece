// The scripts of `execvm completions`, run in the real shells.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { EXECVM, execvm } from "../../support/cli.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { needs } from "../../support/tools.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));

/**
 * A line, how bash completes it, and its candidates as whole words, of which bash replaces only a
 * part.
 */
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

/** A home with a host in ssh's configuration, a folder with a file, and an execvm in PATH. */
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

/** The environment of a test of a shell. */
interface Place {
  readonly folder: string;
  /** Path of the script that `execvm completions` has printed. */
  readonly script: string;
  readonly how: ReturnType<typeof setUp>;
}

/** Completes a line in a shell. */
type Ask = (place: Place, one: Case) => Promise<string[]>;

async function linesOf(argv: readonly string[], how: ReturnType<typeof setUp>): Promise<string[]> {
  const [program, ...args] = argv;
  const { stdout, stderr } = await new Deno.Command(program!, { args, ...how, stdin: "null" })
    .output();
  const decoder = new TextDecoder();
  const lines = decoder.decode(stdout).split("\n").filter((line) => line !== "");
  assert.equal(decoder.decode(stderr), "");
  return lines;
}

const askFish: Ask = async ({ script, how }, { line }) => {
  const program = "source $argv[1]; complete -C $argv[2]";
  const lines = await linesOf(["fish", "--no-config", "-c", program, script, line], how);
  return lines.map((line) => line.split("\t")[0]!);
};

const askZsh: Ask = async ({ folder, script, how }, { line }) => {
  const own = Deno.makeTempDirSync({ dir: `${folder}/zsh` });
  const argv = ["zsh", "-f", `${FIXTURES}/complete.zsh`, script, own, line];
  const [buffer, ...hits] = await linesOf(argv, how);
  // A single match is already in the line; a file may be offered without what precedes it.
  const last = buffer!.trimEnd().split(" ").at(-1)!;
  return hits.length === 1 ? [last] : hits;
};

const askBash: Ask = async ({ script, how }, { line, words }) =>
  await linesOf(["bash", "--norc", `${FIXTURES}/complete.bash`, script, line, ...words], how);

for (const [shell, ask] of [["bash", askBash], ["zsh", askZsh], ["fish", askFish]] as const) {
  const test = needs(`${shell} completes subcommands, options, values, files and commands`, shell);
  const fn = async () => {
    using folder = tempDir();
    const how = setUp(folder.path);
    const { code, stdout } = await execvm(["completions", shell]);
    assert.equal(code, 0);
    const place = { folder: folder.path, script: `${folder.path}/script`, how };
    Deno.writeTextFileSync(place.script, stdout);
    for (const one of CASES) {
      const expected = shell === "bash" ? one.inBash ?? one.becomes : one.becomes;
      const found = new Set(await ask(place, one)); // a program may be twice in PATH
      assert.deepEqual([...found].sort(), expected, one.line);
    }
  };
  Deno.test({ ...test, fn });
}
