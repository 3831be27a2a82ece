import assert from "node:assert/strict";
import { readElf } from "../../guest-build/elf.ts";
import { stageProgram } from "../../guest-build/stage_program.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

const PROGRAM = "/bin/ls";

/** The names of the files next to the program in a root. */
function staged(root: string): string[] {
  return [...Deno.readDirSync(`${root}/execvm/lib`)].map(({ name }) => name).sort();
}

Deno.test({
  ...needs("libraries are found in a folder as ldd finds them on this host", "ldd", PROGRAM),
  async fn() {
    using folder = tempDir();
    const [here, there] = [`${folder.path}/here`, `${folder.path}/there`];
    await stageProgram(PROGRAM, here, "/bin/ls");
    const loader = await readElf(PROGRAM);
    assert.ok(typeof loader === "object");
    const libraries = `${here}/execvm/lib`;
    const name = loader.path.slice(loader.path.lastIndexOf("/") + 1);
    Deno.renameSync(`${libraries}/ld.so`, `${libraries}/${name}`);
    Deno.writeTextFileSync(`${libraries}/libunrelated.so.1`, "");
    await stageProgram(PROGRAM, there, "/bin/ls", libraries);
    const expected = ["ld.so", ...staged(here)]
      .filter((it) => it !== name && it !== "libunrelated.so.1").sort();
    assert.deepEqual(staged(there), expected);
    const { path } = await readElf(`${there}/bin/ls`) as { path: string };
    assert.equal(path, "/execvm/lib/ld.so");
  },
});

Deno.test({
  ...needs("a library that is not in the folder is named", PROGRAM),
  async fn() {
    using folder = tempDir();
    Deno.mkdirSync(`${folder.path}/none`);
    await assert.rejects(
      stageProgram(PROGRAM, `${folder.path}/root`, "/bin/ls", `${folder.path}/none`),
      /^Error: cannot find the libraries of \/bin\/ls: cannot open ".*\/none\/lib/,
    );
  },
});

Deno.test({
  ...needs(
    "the library that the C library loads later is added for a program with threads",
    "ldd",
    PROGRAM,
  ),
  async fn() {
    using folder = tempDir();
    const [here, there] = [`${folder.path}/here`, `${folder.path}/there`];
    await stageProgram(PROGRAM, here, "/bin/ls");
    assert.ok(staged(here).includes("libgcc_s.so.1"), staged(here).join(" "));
    const loader = await readElf(PROGRAM) as { path: string };
    const libraries = `${here}/execvm/lib`;
    Deno.renameSync(`${libraries}/ld.so`, `${libraries}/${loader.path.split("/").at(-1)}`);
    await stageProgram(PROGRAM, there, "/bin/ls", libraries);
    assert.ok(staged(there).includes("libgcc_s.so.1"), staged(there).join(" "));
  },
});
