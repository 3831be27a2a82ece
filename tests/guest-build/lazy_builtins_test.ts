import assert from "node:assert/strict";
import { bundle } from "../../guest-build/bundle.ts";
import { tempDir } from "../support/temp_dir.ts";

/** What a bundle of this module prints; `asked` in it is what modules of Node.js it has asked for. */
async function outputOf(code: string, packages: Readonly<Record<string, string>> = {}) {
  using folder = tempDir();
  const entry = `${folder.path}/main.ts`;
  Deno.writeTextFileSync(entry, code);
  for (const [name, text] of Object.entries(packages)) {
    Deno.mkdirSync(`${folder.path}/node_modules/${name}`, { recursive: true });
    Deno.writeTextFileSync(`${folder.path}/node_modules/${name}/index.js`, text);
  }
  const job = { entry, minify: true, packages: folder.path };
  const script = await bundle(Deno.execPath(), job);
  const watch = `const asked = [], { getBuiltinModule } = process;
process.getBuiltinModule = (id) => { asked.push(id); return getBuiltinModule.call(process, id); };
globalThis.asked = asked;
await import("./script.js");`;
  Deno.writeTextFileSync(`${folder.path}/script.js`, script);
  Deno.writeTextFileSync(`${folder.path}/watch.js`, watch);
  const { code: status, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-config", "--no-lock", `${folder.path}/watch.js`],
  }).output();
  const decoder = new TextDecoder();
  assert.equal(status, 0, decoder.decode(stderr));
  return decoder.decode(stdout);
}

Deno.test("a bundle asks for a module of Node.js when something of it is used, once", async () => {
  const code = `
    import { createHash } from "node:crypto";
    import * as path from "node:path";
    import fs, { constants } from "fs";
    console.log(asked.join());
    console.log(createHash("md5").update("").digest("hex"), createHash("md5") !== undefined);
    console.log(asked.join());
    console.log(path.basename("/a/b"), fs.existsSync("/"), constants.O_RDONLY);
    console.log(asked.join());
  `;
  assert.equal(
    await outputOf(code),
    "\nd41d8cd98f00b204e9800998ecf8427e true\nnode:crypto\nb true 0\nnode:crypto,node:path,node:fs\n",
  );
});

Deno.test("modules of Node.js that are functions or have a state of their own work in a bundle", async () => {
  const code = `
    import Emitter, { once } from "node:events";
    import process from "node:process";
    import { Readable } from "node:stream";
    process.once("told", (word) => console.log(word));
    process.emit("told", "process");
    class Own extends Emitter {}
    const own = new Own();
    setTimeout(() => own.emit("ready", "emitter"));
    console.log(...await once(own, "ready"));
    for await (const chunk of Readable.from(["stream"])) console.log(chunk);
  `;
  assert.equal(await outputOf(code), "process\nemitter\nstream\n");
});

Deno.test("packages that call require for modules of Node.js have those themselves", async () => {
  const code = 'import it from "npm:cjs-package@1.0.0";\nconsole.log(it.names, it.Emitter);\n';
  const index = `
    const path = require("path");
    module.exports = { names: Object.keys(path).includes("basename"), Emitter: typeof require("node:events") };
  `;
  assert.equal(await outputOf(code, { "cjs-package": index }), "true function\n");
});
