// Records in a temporary file, around the size of the window through which they are read.

import assert from "node:assert/strict";
import { RecordFile } from "../../src/images/record_file.ts";

const WINDOW = 64 * 1024;
const LENGTHS = [0, 1, 300, WINDOW - 5, WINDOW - 4, WINDOW - 3, WINDOW, WINDOW + 1, 3 * WINDOW, 7];

const record = (index: number): Uint8Array => new Uint8Array(LENGTHS[index]!).fill(index + 1);

Deno.test("RecordFile returns records of any length by place, in any order", () => {
  using file = new RecordFile();
  const places = LENGTHS.map((_, index) => file.put(record(index)));
  for (const index of [3, 0, 8, 9, 1, 2, 4, 5, 6, 7]) {
    assert.deepEqual(file.get(places[index]!).slice(), record(index), `record ${index}`);
  }
});

Deno.test("RecordFile returns a record at once, between others that are added", () => {
  using file = new RecordFile();
  const first = file.put(record(2));
  for (let index = 0; index < LENGTHS.length; index++) {
    const place = file.put(record(index));
    assert.deepEqual(file.get(place).slice(), record(index));
    assert.deepEqual(file.get(first).slice(), record(2));
  }
});

Deno.test("RecordFile yields the records between two places, and joins the parts of one", () => {
  using file = new RecordFile();
  file.put(record(1));
  const start = file.size;
  file.put(record(2), record(7), record(0));
  file.put(record(9));
  const end = file.size;
  file.put(record(1));
  const sums = Array.from(file.between(start, end), (bytes) => bytes.length);
  assert.deepEqual(sums, [300 + WINDOW + 1, 7]);
});

Deno.test("RecordFile stores text as UTF-8, however long", () => {
  using file = new RecordFile();
  const texts = ["", "\u00e9\u20ac\u{1f600}", "\u20ac".repeat(WINDOW), "x".repeat(WINDOW / 3)];
  const places = texts.map((text) => file.putText(text));
  for (const [index, text] of texts.entries()) {
    assert.equal(new TextDecoder().decode(file.get(places[index]!)), text);
  }
});

Deno.test("RecordFile has no name from the start", () => {
  using file = new RecordFile();
  file.put(new Uint8Array(3 * WINDOW));
  const targets = Array.from(Deno.readDirSync("/proc/self/fd"), ({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`);
    } catch {
      return ""; // the folder that is being read
    }
  });
  const own = targets.filter((path) => /\/execvm-[^/]*$/.test(path.replace(" (deleted)", "")));
  assert.ok(own.length > 0);
  for (const path of own) assert.match(path, / \(deleted\)$/);
});
