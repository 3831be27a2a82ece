// Rows on what a command sees: argv, environment, folder, terminal.

import assert from "node:assert/strict";
import { chain, RunnerError, text } from "../../mod.ts";
import type { Row } from "./row.ts";

/** Arguments that a shell on the way would change. */
const ODD_WORDS = [
  "",
  " ",
  "two words",
  'double "quotes"',
  "it's",
  "a\nb\n",
  "\t",
  "$HOME",
  "`id`",
  "$(id)",
  "back\\slash\\",
  "*",
  "~",
  "!",
  "-n",
  "--",
  "--help",
  ";",
  "&",
  "|",
  ">",
  "#",
  "%s",
  "héllo wörld",
  "日本語",
  "👩‍🚀",
];

/** Words of bytes: all byte values, and sequences that UTF-8 forbids. */
const BYTE_WORDS: readonly Uint8Array[] = [
  Uint8Array.from({ length: 255 }, (_, index) => index + 1),
  Uint8Array.from({ length: 255 }, (_, index) => 255 - index),
  Uint8Array.of(0xff),
  Uint8Array.of(0x61, 0xff, 0x62, 0x0a),
  Uint8Array.of(0xc3, 0xa9, 0xc3), // an accented e, and half of another
  Uint8Array.of(0xc0, 0xaf), // a slash in two bytes
  Uint8Array.of(0xed, 0xb3, 0xbf), // half a surrogate pair
  Uint8Array.of(0xf4, 0x90, 0x80, 0x80), // beyond Unicode
  Uint8Array.of(0xf0, 0x9f, 0x91, 0xa9, 0x80, 0x5c, 0x5c), // a woman, a stray byte, backslashes
];

/** Prints each argument followed by a NUL. */
const PRINT_WORDS = ["sh", "-c", `printf '%s\\0' "$@"`, "sh"] as const;

/** Sets variables of this process for the time of a check. */
function withVariables(variables: Readonly<Record<string, string>>): Disposable {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    },
  };
}

/** Prints the size of the terminal once it has one. */
const LATE_SIZE = 'until size=$(stty size 2>/dev/null) && [ -n "$size" ]; do :; done; echo $size';

/** Returns the bytes of each printed word. */
function splitBytes(output: Uint8Array): number[][] {
  const words: number[][] = [[]];
  for (const byte of output) byte === 0 ? words.push([]) : words.at(-1)!.push(byte);
  return words.slice(0, -1);
}

function split(output: Uint8Array): string[] {
  return new TextDecoder().decode(output).split("\0").slice(0, -1);
}

export const VIEW_ROWS: readonly Row[] = [
  {
    name: "argv arrives word for word: spaces, quotes, newlines, empty strings, unicode",
    async check({ runner }) {
      const output = await runner().cmd(...PRINT_WORDS, ...ODD_WORDS).bytes();
      assert.deepEqual(split(output), ODD_WORDS);
    },
  },
  {
    name: "the argv of a chain arrives word for word",
    async check({ runner }) {
      const links = chain([...PRINT_WORDS, ...ODD_WORDS], ["true"], [...PRINT_WORDS, ...ODD_WORDS]);
      const output = await links.on(runner()).bytes();
      assert.deepEqual(split(output), [...ODD_WORDS, ...ODD_WORDS]);
    },
  },
  {
    name: "argv that is not UTF-8 arrives byte for byte",
    async check({ runner }) {
      const output = await runner().cmd(...PRINT_WORDS, ...BYTE_WORDS).bytes();
      assert.deepEqual(splitBytes(output), BYTE_WORDS.map((word) => [...word]));
    },
  },
  {
    name: "the argv of a chain that is not UTF-8 arrives byte for byte",
    async check({ runner }) {
      const links = chain(["true"], [...PRINT_WORDS, ...BYTE_WORDS], [
        ...PRINT_WORDS,
        ...BYTE_WORDS,
      ]);
      const words = BYTE_WORDS.map((word) => [...word]);
      assert.deepEqual(splitBytes(await links.on(runner()).bytes()), [...words, ...words]);
    },
  },
  {
    name: "a program whose name is not UTF-8 is not taken for another",
    async check({ runner }) {
      const name = Uint8Array.of(0x6e, 0x6f, 0xff);
      const result = await runner().cmd(name).run({ check: false });
      assert.equal(result.code, 127);
    },
  },
  {
    name: "100 kB of argv arrive",
    async check({ runner }) {
      const words = Array.from({ length: 1000 }, (_, index) => String(index).padStart(100, "0"));
      const output = await runner().cmd(...PRINT_WORDS, ...words).bytes();
      assert.deepEqual(split(output), words);
    },
  },
  {
    name: "env arrives: spaces, newlines, =, unicode, empty values",
    async check({ runner }) {
      const variables = {
        EXECVM_SPACES: " a b ",
        EXECVM_NEWLINES: "a\nb\n",
        EXECVM_EQUALS: "a=b=",
        EXECVM_UNICODE: "日本語 👩‍🚀",
        EXECVM_EMPTY: "",
        EXECVM_QUOTES: `"'$HOME\``,
      };
      const output = await runner().cmd("env", "-0").env(variables).bytes();
      const seen = Object.fromEntries(
        split(output).map((line) => {
          const equals = line.indexOf("=");
          return [line.slice(0, equals), line.slice(equals + 1)];
        }),
      );
      for (const [name, value] of Object.entries(variables)) assert.equal(seen[name], value, name);
    },
  },
  {
    name: "env that is not UTF-8 arrives byte for byte, beside what is",
    async check({ runner }) {
      const variables = Object.fromEntries(
        BYTE_WORDS.map((word, index) => [`EXECVM_BYTES_${index}`, word]),
      );
      const command = runner().cmd("env", "-0").env({ ...variables, EXECVM_TEXT: "é" });
      const seen = splitBytes(await command.bytes()).map(String);
      for (const [name, value] of Object.entries({ ...variables, EXECVM_TEXT: "é" })) {
        const word = typeof value === "string" ? new TextEncoder().encode(value) : value;
        const line = [...new TextEncoder().encode(`${name}=`), ...word];
        assert.ok(seen.includes(String(line)), name);
      }
    },
  },
  {
    name: "cwd is where the command runs",
    async check({ runner }) {
      assert.equal(await runner().cmd("pwd").cwd("/tmp").text(), "/tmp");
    },
  },
  {
    name: "a cwd that is not there is an error of the runner",
    async check({ runner, makesFolders }) {
      const command = runner().cmd("pwd").cwd("/no/such/folder");
      if (makesFolders === undefined) await assert.rejects(command.run(), RunnerError);
      else assert.equal(await command.text(), "/no/such/folder", makesFolders);
    },
  },
  {
    name: "there is no terminal unless asked for",
    async check({ runner }) {
      const { code } = await runner().cmd("sh", "-c", "test -t 0 || test -t 1 || test -t 2").run({
        check: false,
      });
      assert.equal(code, 1);
    },
  },
  {
    name: "with a terminal TERM and COLORTERM arrive, unless the command has its own",
    async check({ terminal }) {
      if (typeof terminal !== "function") return;
      using _ours = withVariables({ TERM: "screen-256color", COLORTERM: "truecolor" });
      const show = terminal().cmd("sh", "-c", 'echo "<$TERM> <$COLORTERM>"');
      assert.match(await show.text(), /<screen-256color> <truecolor>/);
      const own = show.env({ TERM: "dumb", COLORTERM: "no colour" });
      assert.match(await own.text(), /<dumb> <no colour>/);
    },
  },
  {
    name: "a terminal that was asked for is a real one",
    async check({ terminal, sizesTerminalLate }) {
      if (typeof terminal !== "function") {
        await assert.rejects(terminal.runner().cmd("tty").run(), terminal.refusal);
        return;
      }
      const size = sizesTerminalLate === undefined ? "stty size" : `{ ${LATE_SIZE}; }`;
      const test = `test -t 0 && test -t 1 && test -t 2 && ${size} && read line && echo got $line`;
      const output = await text("typed\n").pipe(terminal().cmd("sh", "-c", test)).text();
      assert.match(output, /^\d+ \d+\r?$/m);
      assert.match(output, /^got typed\r?$/m);
    },
  },
];
