import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { cmd } from "../../mod.ts";
import { quoteArgv, shellLine } from "../../src/host/quote.ts";
import { decodeWord } from "../../src/libc/word.ts";
import { needs } from "../support/tools.ts";

Deno.test("quoteArgv() leaves plain words unquoted", () => {
  assert.equal(quoteArgv(["tar", "-C", "/tmp", "--x=y", "a.b"]), "tar -C /tmp --x=y a.b");
});

Deno.test("quoteArgv() quotes a first word that a shell would parse as an assignment", () => {
  assert.equal(quoteArgv(["A=b", "A=b"]), "'A=b' A=b");
});

const ODD = [
  "",
  " ",
  "a\nb\n",
  "it's",
  "''",
  '"$HOME"',
  "`id`",
  "\\",
  "\\'",
  "!",
  "~",
  "日本語",
  "-n",
];

for (const shell of ["dash", "bash", "busybox"]) {
  Deno.test({
    ...needs(`${shell} reads back odd words that quoteArgv() wrote`, shell),
    async fn() {
      const line = `printf '%s\\0' ${quoteArgv(["x", ...ODD])}`;
      const output = await cmd(shell, ...shell === "busybox" ? ["sh"] : [], "-c", line).text();
      assert.deepEqual(output.split("\0").slice(1, -1), ODD);
    },
  });
}

Deno.test("control characters are escaped", () => {
  assert.equal(
    quoteArgv(["a\x1b[31m1", "\u009b7", "a\tb\n"]),
    String.raw`$'a\033[31m1' $'\302\2337' 'a` + "\tb\n'",
  );
});

for (const shell of ["bash", "busybox"]) {
  Deno.test({
    ...needs(`${shell} reads back what quoteArgv() wrote`, shell),
    async fn() {
      const words = fc.array(fc.string({ unit: "binary" }).map((it) => it.replaceAll("\0", "")), {
        minLength: 1,
      });
      await fc.assert(
        fc.asyncProperty(words, async (argv) => {
          const line = `printf '%s\\0' ${quoteArgv(["x", ...argv])}`;
          const output = new TextDecoder().decode(
            await cmd(shell, ...shell === "busybox" ? ["sh"] : [], "-c", line).bytes(),
          );
          assert.deepEqual(
            output.split("\0").slice(1, -1),
            argv.map((word) => word.toWellFormed()),
          );
        }),
        { numRuns: 50 },
      );
    },
  });
}

/**
 * Words that are not UTF-8; in one, digits follow that a shell could parse as part of the escape.
 */
const BYTE_WORDS = [
  Uint8Array.of(0x61, 0xff, 0x62),
  Uint8Array.of(0xff, 0x37, 0x27, 0x5c, 0x0a, 0x20),
  Uint8Array.of(...new TextEncoder().encode("é'👩"), 0x80),
  Uint8Array.from({ length: 255 }, (_, index) => index + 1),
];

for (const shell of ["bash", "busybox"]) {
  Deno.test({
    ...needs(`${shell} reads back bytes that quoteArgv() wrote`, shell),
    async fn() {
      const line = `printf '%s\\0' ${quoteArgv(["x", ...BYTE_WORDS.map(decodeWord)])}`;
      assert.ok(line.isWellFormed());
      const output = await cmd(shell, ...shell === "busybox" ? ["sh"] : [], "-c", line).bytes();
      const expected = BYTE_WORDS.flatMap((word) => [...word, 0]);
      assert.deepEqual([...output], [0x78, 0, ...expected]);
    },
  });
}

for (const shell of ["dash", "bash", "busybox"]) {
  Deno.test({
    ...needs(`${shell} reads back bytes that shellLine() wrote`, shell),
    async fn() {
      const line = `printf '%s\\0' ${shellLine(["x", ...BYTE_WORDS.map(decodeWord)])}`;
      const output = await cmd(shell, ...shell === "busybox" ? ["sh"] : [], "-c", line).bytes();
      const expected = BYTE_WORDS.flatMap((word) => [...word, 0]);
      assert.deepEqual([...output], [0x78, 0, ...expected]);
    },
  });
}
