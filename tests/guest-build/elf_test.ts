import assert from "node:assert/strict";
import { type ElfKind, parseElf, readElf, setInterpreter } from "../../guest-build/elf.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

const LOADER = "/lib64/ld-linux-x86-64.so.2";

/** The start of a 64-bit program with one program header. */
function elf(type: number, change: (bytes: Uint8Array) => void = () => {}): Uint8Array {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, type, true);
  view.setBigUint64(72, 200n, true);
  view.setBigUint64(96, BigInt(LOADER.length + 1), true);
  new TextEncoder().encodeInto(LOADER, bytes.subarray(200));
  change(bytes);
  return bytes;
}

/** One with its program headers at the end, as `deno compile` leaves them. */
function moved(): Uint8Array {
  const bytes = new Uint8Array(100_056);
  bytes.set(elf(0));
  new DataView(bytes.buffer).setBigUint64(32, 100_000n, true);
  new DataView(bytes.buffer).setUint32(100_000, 1, true);
  return bytes;
}

/** Reads a program that is in memory. */
function parse(bytes: Uint8Array): ElfKind {
  return parseElf((offset, length) => bytes.subarray(offset, offset + length));
}

const ROWS: readonly [string, Uint8Array, ElfKind][] = [
  ["one that names a loader", elf(3), { path: LOADER, offset: 200, size: LOADER.length + 1 }],
  ["one that names none", elf(1), "static"],
  ["a 32-bit one", elf(1, (bytes) => bytes[4] = 1), "none"],
  ["a big-endian one", elf(1, (bytes) => bytes[5] = 2), "none"],
  ["one that ends in its program headers", elf(1).subarray(0, 100), "none"],
  ["one whose loader's name is elsewhere", elf(3).subarray(0, 210), "none"],
  ["one with its program headers far away", moved(), "static"],
  ["one with a name of no sane length", elf(3, (bytes) => bytes[99] = 1), "none"],
  ["a script", new TextEncoder().encode("#!/bin/sh\n".padEnd(100, "#")), "none"],
  ["nothing", new Uint8Array(), "none"],
];

for (const [what, bytes, expected] of ROWS) {
  Deno.test(`parseElf() of ${what}`, () => assert.deepEqual(parse(bytes), expected));
}

Deno.test({
  ...needs("readElf() distinguishes a static busybox from Deno", "/bin/busybox"),
  async fn() {
    assert.equal(await readElf("/bin/busybox"), "static");
    assert.match(Object(await readElf(Deno.execPath())).path, /\/ld-linux.*\.so\.\d$/);
  },
});

Deno.test("setInterpreter() writes a shorter name in place, and refuses a longer one", async () => {
  using folder = tempDir();
  const path = `${folder.path}/program`;
  Deno.writeFileSync(path, elf(3));
  const found = parse(elf(3));
  if (typeof found === "string") assert.fail(found);
  await setInterpreter(path, found, "/short");
  assert.equal(Object(await readElf(path)).path, "/short");
  assert.equal(Deno.readFileSync(path).length, 256);
  await assert.rejects(setInterpreter(path, found, `${LOADER}x`), RangeError);
});
