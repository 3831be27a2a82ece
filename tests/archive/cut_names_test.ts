/** Names whose raw field is cut inside a character; archivers write the whole name next to it. */
import assert from "node:assert/strict";
import { ByteReader } from "../../src/archive/byte_reader.ts";
import { readTar } from "../../src/archive/read_tar.ts";
import { tarToCpio } from "../../src/archive/tar_to_cpio.ts";
import { unpackTar } from "../../src/archive/unpack_tar.ts";
import { mergeLayers } from "../../src/images/merge_layers.ts";
import {
  collect,
  makeTree,
  type RawEntry,
  rawTar,
  rechunk,
  snapshot,
  tempDir,
  tool,
} from "./fixture.ts";

const python = (format: string): string[] => [
  "python3",
  "-c",
  "import sys, tarfile\n" +
  `t = tarfile.open(fileobj=sys.stdout.buffer, mode="w|", format=tarfile.${format}_FORMAT)\n` +
  "t.add('t')\nt.close()",
];

/** Commands that archive `t` to stdout. */
const ARCHIVERS: Record<string, string[]> = {
  "GNU tar, its own format": ["tar", "--format=gnu", "-c", "t"],
  "GNU tar, old GNU": ["tar", "--format=oldgnu", "-c", "t"],
  "GNU tar, pax": ["tar", "--format=pax", "-c", "t"],
  "bsdtar, pax": ["bsdtar", "--format=pax", "-cf", "-", "t"],
  "bsdtar, pax where needed": ["bsdtar", "-cf", "-", "t"],
  "bsdtar, GNU": ["bsdtar", "--format=gnutar", "-cf", "-", "t"],
  "busybox tar": ["busybox", "tar", "-c", "t"],
  "Python, GNU": python("GNU"),
  "Python, pax": python("PAX"),
};

/** Files, folders and links; each name has a character across each boundary of its raw field. */
async function makeCuts(root: string): Promise<void> {
  Deno.mkdirSync(`${root}/t`, { recursive: true });
  for (const character of ["é", "語", "🐘"]) {
    for (let lead = 0; lead < 4; lead++) {
      const long = "x".repeat(lead) + character.repeat(Math.floor(250 / byteLength(character)));
      makeTree(`${root}/t`, {
        [`f${long}`.slice(0, -1 - (character.length - 1))]: `file ${lead}`,
        [`${long}/${long}/in`]: "deep",
        [`${long}/empty`]: { dir: true },
        [`s${lead}${character}`]: { link: `${long}/${long}/in` },
      });
      Deno.linkSync(`${root}/t/${long}/${long}/in`, `${root}/t/${long}/${long}/linked`);
      Deno.linkSync(`${root}/t/${long}/${long}/in`, `${root}/t/zz${lead}${character}`);
    }
  }
  await tool(["find", root, "-exec", "touch", "-hd", "@1000000000", "{}", ";"]);
}

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

/** Whether a raw name or target is not valid text without its override. */
function hasCut(tar: Uint8Array): boolean {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let at = 0; at < tar.length; at += 512) {
    const isHeader = new TextDecoder().decode(tar.subarray(at + 257, at + 262)) === "ustar";
    if (!isHeader) continue;
    for (const field of [tar.subarray(at, at + 100), tar.subarray(at + 157, at + 257)]) {
      try {
        decoder.decode(field);
      } catch {
        return true;
      }
    }
  }
  return false;
}

/** Python's pax writes `?` for characters that are not ASCII. */
const NEVER_CUT = ["Python, pax"];

for (const [archiver, argv] of Object.entries(ARCHIVERS)) {
  Deno.test(`names cut inside a character are whole in what ${archiver} writes`, async () => {
    using dir = tempDir();
    await makeCuts(`${dir.path}/in`);
    const tar = await tool(argv, undefined, `${dir.path}/in`);
    assert.equal(hasCut(tar), !NEVER_CUT.includes(archiver), "what the test is about");

    const expected = snapshot(`${dir.path}/in`);
    await unpackTar(rechunk(tar, 5000), `${dir.path}/out`);
    assert.deepEqual(snapshot(`${dir.path}/out`), expected);

    Deno.mkdirSync(`${dir.path}/cpio`);
    const cpio = await collect(rechunk(tar, 5000).pipeThrough(tarToCpio()));
    await tool(["cpio", "-idm", "--quiet"], cpio, `${dir.path}/cpio`);
    assert.deepEqual(names(`${dir.path}/cpio`), names(`${dir.path}/in`));

    const layer = { name: "layer", open: () => Promise.resolve(rechunk(tar, 5000)) };
    await unpackTar(mergeLayers([layer]), `${dir.path}/layers`);
    assert.deepEqual(snapshot(`${dir.path}/layers`), expected);
  });
}

/** Paths, types and targets. */
const names = (root: string): string[] =>
  snapshot(root).map((line) => {
    const [path, , , what] = JSON.parse(line);
    return JSON.stringify([path, what]);
  });

Deno.test("names in ustar are cut at slashes only: GNU tar, bsdtar and Python", async () => {
  using dir = tempDir();
  const part = "語".repeat(30);
  makeTree(`${dir.path}/in`, { [`t/${part}/${part}`]: "file" });
  Deno.linkSync(`${dir.path}/in/t/${part}/${part}`, `${dir.path}/in/t/linked`);
  const expected = names(`${dir.path}/in`);
  const argvs = [
    ["tar", "--format=ustar", "-c", `t/${part}/${part}`],
    ["bsdtar", "--format=ustar", "-cf", "-", `t/${part}/${part}`],
    ["python3", "-c", python("USTAR")[2]!.replace("'t'", `'t/${part}/${part}'`)],
  ];
  for (const [index, argv] of argvs.entries()) {
    const out = `${dir.path}/${index}`;
    await unpackTar(rechunk(await tool(argv, undefined, `${dir.path}/in`), 5000), out);
    assert.deepEqual(names(out), expected.filter((line) => !line.includes("linked")), argv[0]);
  }
});

const CUT = new Uint8Array([0x61, 0xe8, 0xaa]);
const pax = (key: string, value: string | Uint8Array, type = "x"): RawEntry => {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  const rest = key.length + bytes.length + 3;
  const length = rest + String(rest + String(rest).length).length;
  const data = new Uint8Array(length);
  data.set(new TextEncoder().encode(`${length} ${key}=`));
  data.set(bytes, length - bytes.length - 1);
  data[length - 1] = 0x0a;
  return { name: CUT, type, data };
};

/** Entries whose name is overridden by headers in front of them. */
const WHOLE: Record<string, { tar: RawEntry[]; name?: string; linkName?: string }> = {
  "a pax path": { tar: [pax("path", "語"), { name: CUT }], name: "語" },
  "a global pax path": { tar: [pax("path", "語", "g"), { name: CUT }], name: "語" },
  "a Solaris path": { tar: [pax("path", "語", "X"), { name: CUT }], name: "語" },
  "a GNU long name": { tar: [{ name: CUT, type: "L", data: "語\0" }, { name: CUT }], name: "語" },
  "a GNU sparse name": {
    tar: [
      pax("path", CUT),
      pax("GNU.sparse.name", "語"),
      pax("GNU.sparse.major", "1"),
      pax("GNU.sparse.minor", "0"),
      pax("GNU.sparse.realsize", "9"),
      { name: CUT, data: "0\n".padEnd(512, "\0") },
    ],
    name: "語",
  },
  "the last of two paths": {
    tar: [pax("path", CUT), pax("path", "語"), { name: "x" }],
    name: "語",
  },
  "an own path over a global one": {
    tar: [pax("path", CUT, "g"), pax("path", "語"), { name: "x" }],
    name: "語",
  },
  "a pax linkpath": {
    tar: [pax("linkpath", "語"), { name: "x", type: "2", link: CUT }],
    name: "x",
    linkName: "語",
  },
  "a GNU long link": {
    tar: [{ name: CUT, type: "K", data: "語\0" }, { name: "x", type: "1", link: CUT }],
    name: "x",
    linkName: "語",
  },
  "other records that are not text": {
    tar: [
      pax("comment", CUT),
      pax("uname", CUT),
      pax("gname", CUT),
      pax("hdrcharset", "BINARY"),
      pax("LIBARCHIVE.xattr.user.x", CUT),
      pax("comment", CUT, "g"),
      { name: "x" },
    ],
    name: "x",
  },
  "a label that is not text": { tar: [{ name: CUT, type: "V" }, { name: "x" }], name: "x" },
};

for (const [what, { tar, name, linkName = "" }] of Object.entries(WHOLE)) {
  Deno.test(`readTar() reads a name that is cut where there is ${what}`, async () => {
    const bytes = rawTar(...tar);
    const { value } = await readTar(new ByteReader(rechunk(bytes, 700))).next();
    assert.deepEqual([value!.header.name, value!.header.linkName], [name, linkName]);
  });
}

Deno.test("readTar() ignores the target of entries that are not links, and names of owners", async () => {
  const bytes = rawTar({ name: "x" });
  bytes.set(CUT, 157); // linkname
  bytes.set(CUT, 265); // uname
  bytes.set(CUT, 297); // gname
  const sum = bytes.subarray(0, 512).reduce(
    (sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte),
    0,
  );
  bytes.set(new TextEncoder().encode(sum.toString(8).padStart(6, "0")), 148);
  const { value } = await readTar(new ByteReader(rechunk(bytes, 700))).next();
  assert.deepEqual([value!.header.name, value!.header.linkName], ["x", ""]);
});

Deno.test("readTar() accepts an archive of only a global header or a label", async () => {
  for (const only of [pax("comment", "of git archive", "g"), { name: "label", type: "V" }]) {
    const { done } = await readTar(new ByteReader(rechunk(rawTar(only), 700))).next();
    assert.equal(done, true);
  }
});
