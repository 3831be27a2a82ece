import assert from "node:assert/strict";
import { OpenPrograms } from "./open_program.ts";
import { tempDir } from "./temp_dir.ts";

const NOBODY = { uid: 65534, gid: 65534 } as const;

Deno.test({
  name: "another user can run a program whose Deno and source are in closed folders",
  ignore: Deno.uid() !== 0,
  async fn() {
    using home = tempDir(); // of mode 0700
    const deno = `${home.path}/deno`;
    Deno.copyFileSync(Deno.execPath(), deno);
    Deno.writeTextFileSync(`${home.path}/part.ts`, "export const uid: number | null = Deno.uid();");
    const source = `${home.path}/program.ts`;
    Deno.writeTextFileSync(
      source,
      'import { uid } from "./part.ts"; console.log(uid, ...Deno.args);',
    );
    using programs = new OpenPrograms(deno);
    const [program, ...args] = programs.argv(source);
    const { stdout, stderr } = await new Deno.Command(program, {
      args: [...args, "an argument"],
      cwd: "/",
      env: { DENO_DIR: "/nonexistent", NO_COLOR: "1" },
      ...NOBODY,
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.equal(out, `${NOBODY.uid} an argument\n`, err);
  },
});
