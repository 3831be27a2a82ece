import assert from "node:assert/strict";
import { toText, wrap } from "../../../src/cli/help/layout.ts";

const SECTION = {
  title: "OPTIONS",
  body: [
    "Some words before the list.",
    { entries: [["-a", "Short"], ["--a-very-long-option VALUE", "On a line of its own"]] },
    { lines: ["  kept   as it is"] },
  ],
} as const;

Deno.test("toText() aligns meanings in a column, and puts them below terms that reach into it", () => {
  assert.equal(
    toText([SECTION], { width: 80, isBold: false }),
    [
      "OPTIONS",
      "  Some words before the list.",
      "",
      `  -a${" ".repeat(24)}Short`,
      "  --a-very-long-option VALUE",
      `${" ".repeat(28)}On a line of its own`,
      "",
      "    kept   as it is",
      "",
    ].join("\n"),
  );
});

Deno.test("toText() puts meanings below their terms on a narrow terminal", () => {
  const text = toText([SECTION], { width: 40, isBold: false });
  assert.match(text, /^ {2}--a-very-long-option VALUE\n {6}On a line of its own$/m);
});

Deno.test("toText() makes titles bold if asked to", () => {
  const text = toText([SECTION], { width: 80, isBold: true });
  assert.ok(text.startsWith("\x1b[1mOPTIONS\x1b[22m\n"));
});

Deno.test("wrap() breaks between words, never within one", () => {
  assert.deepEqual(wrap("one two three", 8, 1), [" one two", " three"]);
  assert.deepEqual(wrap("averylongword b", 5, 0), ["averylongword", "b"]);
  assert.deepEqual(wrap("", 5, 2), [""]);
});
