import assert from "node:assert/strict";
import { Screen } from "../../src/observe/screen.ts";
import { textWidth } from "../../src/observe/text_width.ts";

Deno.test("lines that wrapped when the terminal became narrower are cleared as well", () => {
  const writes: string[] = [];
  const target = { write: (text: string) => void writes.push(text), size: () => size };
  let size = { columns: 80, rows: 24 };
  const screen = new Screen(target, textWidth);
  screen.draw([{ text: "a".repeat(54) }, { text: "b".repeat(40) }]);
  size = { columns: 40, rows: 24 };
  screen.clear();
  assert.equal(writes.at(-1), "\r\x1b[2A\x1b[J"); // the cursor is on the last of three rows
});

Deno.test("a screen that shows nothing clears nothing", () => {
  const writes: string[] = [];
  const size = () => ({ columns: 80, rows: 24 });
  const screen = new Screen({ write: (text) => void writes.push(text), size }, textWidth);
  screen.clear();
  screen.draw([{ text: "a" }]);
  screen.clear();
  screen.clear();
  assert.deepEqual(writes, ["\ra\x1b[K\x1b[J", "\r\x1b[J"]);
});
