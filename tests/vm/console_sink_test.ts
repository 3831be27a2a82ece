import assert from "node:assert/strict";
import { lendStderr } from "../../src/host/stderr_tail.ts";
import { openConsole } from "../../src/vm/console_sink.ts";
import { tempDir } from "../support/temp_dir.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("openConsole() writes a file byte for byte, and appends for later machines", async () => {
  using folder = tempDir();
  const path = `${folder.path}/console`;
  for (const [isFirst, text] of [[true, "\x1b[31mone\r\n"], [false, "two\0"]] as const) {
    await using sink = await openConsole(path, isFirst);
    await sink.write(bytes(text));
  }
  assert.equal(Deno.readTextFileSync(path), "\x1b[31mone\r\ntwo\0");
  await using _emptied = await openConsole(path, true);
  assert.equal(Deno.readTextFileSync(path), "");
});

Deno.test("openConsole() prints whole lines on stderr, without what terminals act on", async () => {
  const printed: string[] = [];
  using _stderr = lendStderr((chunk) => printed.push(new TextDecoder().decode(chunk)));
  {
    await using sink = await openConsole("-", true);
    for (
      const part of ["[0.1] a\r\n  ind", "ented \x1b[31m", "red\x1b]0;title\x07\n", "\x07rest"]
    ) {
      await sink.write(bytes(part));
    }
    assert.deepEqual(printed, ["[0.1] a\n", "  indented red\n"]);
  }
  assert.equal(printed.at(-1), "\ufffdrest\n");
});

Deno.test("openConsole() prints a line without end in parts", async () => {
  const printed: string[] = [];
  using _stderr = lendStderr((chunk) => printed.push(new TextDecoder().decode(chunk)));
  await using sink = await openConsole("-", true);
  await sink.write(bytes("x".repeat(5000)));
  assert.equal(printed.join("").length, 5000);
});
