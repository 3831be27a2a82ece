import assert from "node:assert/strict";
import { scriptStart } from "../../src/libc/script.ts";
import { tempDir } from "../support/temp_dir.ts";
import { findLibc } from "../../src/libc/libc.ts";

const TEXTS = ["", "echo", "echo\n", "echo\n\0\0", "#!\n", "\xff\xfe\n"];
const BINARIES = ["\0", "a\0b\n", "\x7fELF\x02\x01\x01\0"];

const test = (name: string, fn: () => void) =>
  Deno.test({ name, ignore: findLibc() === undefined, fn });

test("a file with a NUL in its first line is no script", () => {
  using folder = tempDir();
  const path = `${folder.path}/file`;
  const seen = [...TEXTS, ...BINARIES].map((content) => {
    Deno.writeFileSync(path, Uint8Array.from(content, (letter) => letter.charCodeAt(0)));
    return scriptStart(path, undefined, ["a"]) !== undefined;
  });
  assert.deepEqual(seen, [...TEXTS.map(() => true), ...BINARIES.map(() => false)]);
});

test("what cannot be read is no script", () => {
  using folder = tempDir();
  assert.equal(scriptStart(`${folder.path}/none`, undefined, []), undefined);
});

test("a script is an operand of sh, whatever its name, in the folder of the command", () => {
  using folder = tempDir();
  Deno.mkdirSync(`${folder.path}/-e`);
  Deno.writeTextFileSync(`${folder.path}/-e/file`, "");
  assert.deepEqual(scriptStart("-e/file", folder.path, ["-x", ""]), {
    path: "/bin/sh",
    argv: ["/bin/sh", "./-e/file", "-x", ""],
  });
});
