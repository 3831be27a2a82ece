import assert from "node:assert/strict";
import { parseNeeded, readNeeded } from "../../guest-build/elf_needed.ts";

/** A 64-bit file with a load address that names two libraries. */
function elf(change: (view: DataView) => void = () => {}): Uint8Array {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  const at = { table: 64, dynamic: 256, strings: 400 };
  view.setBigUint64(32, BigInt(at.table), true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 2, true);
  const header = (index: number, type: number, ...fields: [number, number, number]) => {
    view.setUint32(at.table + index * 56, type, true);
    [8, 16, 32].forEach((field, place) =>
      view.setBigUint64(at.table + index * 56 + field, BigInt(fields[place]!), true)
    );
  };
  header(0, 1, 0, 0x10000, bytes.length);
  header(1, 2, at.dynamic, 0x10000 + at.dynamic, 6 * 16);
  const entries = [[1, 1], [5, 0x10000 + at.strings], [10, 20], [1, 9], [0, 0], [1, 99]];
  entries.flat().forEach((value, place) =>
    view.setBigUint64(at.dynamic + place * 8, BigInt(value), true)
  );
  new TextEncoder().encodeInto("\0libc.so\0libm.so\0", bytes.subarray(at.strings));
  change(view);
  return bytes;
}

/** The libraries that a file in memory needs. */
function parse(bytes: Uint8Array): string[] {
  return parseNeeded((offset, length) => bytes.subarray(offset, offset + length));
}

Deno.test("parseNeeded() returns the names up to the end of the dynamic section, in order", () => {
  assert.deepEqual(parse(elf()), ["libc.so", "libm.so"]);
});

Deno.test("parseNeeded() returns nothing for a file without a dynamic section", () => {
  assert.deepEqual(parse(elf((view) => view.setUint32(64 + 56, 6, true))), []);
});

Deno.test("parseNeeded() refuses names that are not in the file", () => {
  assert.throws(() => parse(elf((view) => view.setBigUint64(264, 20n, true))), /is truncated$/);
  assert.throws(() => parse(elf((view) => view.setBigUint64(280, 1n, true))), /names no strings/);
});

Deno.test("readNeeded() of Deno includes the C library", async () => {
  const names = await readNeeded(Deno.execPath());
  assert.ok(names.includes("libc.so.6"), names.join(" "));
});
