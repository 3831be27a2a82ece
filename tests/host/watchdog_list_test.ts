import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { type ListFile, listInFile } from "../../src/host/watchdog_list.ts";

/** A file in memory, with what its reader would see. */
function memoryFile(): ListFile & { readonly size: number; items(): string[] } {
  let text = "";
  return {
    write(bytes, offset) {
      const written = new TextDecoder().decode(bytes);
      text = text.slice(0, offset).padEnd(offset, "\0") + written +
        text.slice(offset + written.length);
    },
    truncate: () => void (text = ""),
    get size() {
      return text.length;
    },
    items: () =>
      text.split("\n").filter((line) => line.startsWith("+")).map((line) => line.slice(1).trimEnd())
        .sort(),
  };
}

Deno.test("the file holds the items that were added and not removed, each once, at any time", () => {
  const item = fc.integer({ min: 1, max: 300 }).map((length) => "x".repeat(length));
  const steps = fc.array(fc.record({ adds: fc.boolean(), item }), { maxLength: 200 });
  fc.assert(fc.property(steps, (steps) => {
    const file = memoryFile();
    const list = listInFile(file);
    const expected = new Set<string>();
    for (const { adds, item } of steps) {
      if (adds) expected.add(item), void list.add(item);
      else expected.delete(item), list.remove(item);
      assert.deepEqual(file.items(), [...expected].sort());
    }
  }));
});

Deno.test("the file stays as small as the list has ever been", () => {
  const file = memoryFile();
  const list = listInFile(file);
  void list.add("lasting");
  for (let index = 0; index < 2000; index++) {
    void list.add(`g${index}`);
    void list.add(`f${"\\0101".repeat(100 + index % 20)}`);
    list.remove(`g${index}`);
    list.remove(`f${"\\0101".repeat(100 + index % 20)}`);
  }
  assert.equal(file.size, 32 + 32 + 512 + 1024);
  list.remove("lasting");
  assert.equal(file.size, 0);
});
