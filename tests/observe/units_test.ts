import assert from "node:assert/strict";
import { fitText, textWidth } from "../../src/observe/text_width.ts";
import { formatBytes, formatDuration } from "../../src/observe/units.ts";

Deno.test("bytes are formatted in the unit that makes them short", () => {
  const known = [0, 1023, 1024, 1536, 150 * 1024, 2 ** 20 - 1, 2 ** 30, 2 ** 52];
  const told = [
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.5 KiB",
    "150 KiB",
    "1024 KiB",
    "1.0 GiB",
    "4096 TiB",
  ];
  assert.deepEqual(known.map(formatBytes), told);
});

Deno.test("durations are formatted in the unit that makes them short", () => {
  const known = [0, 999, 999.6, 59_900, 59_960, 184_000, 3_599_999, 7_260_000];
  const told = [
    "0 ms",
    "999 ms",
    "1.0 s",
    "59.9 s",
    "1 min 00 s",
    "3 min 04 s",
    "1 h 00 min",
    "2 h 01 min",
  ];
  assert.deepEqual(known.map(formatDuration), told);
});

Deno.test("text that does not fit ends in an ellipsis, and is never wider than requested", () => {
  for (const text of ["", "abc", "a日本語b", "日本語", "🙂🙂"]) {
    for (let columns = 0; columns < 10; columns++) {
      const fitted = fitText(text, columns);
      assert.ok(textWidth(fitted) <= columns, `${text} in ${columns}: ${fitted}`);
      assert.ok(fitted === text || fitted === "" || fitted.endsWith("…"));
    }
  }
  assert.equal(fitText("a日本語b", 5), "a日…");
});
