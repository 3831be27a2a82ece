import assert from "node:assert/strict";
import { fetchMinirootfs, linksOf, newestIn, parseChecksum } from "../../guest-build/minirootfs.ts";
import { ownCache } from "../kernels/fixture.ts";
import { minirootfs, minirootfsName, type MirrorFiles, serveMirror } from "./mirror.ts";

const NEWEST: readonly [string, readonly string[], string | undefined][] = [
  ["the last digit", ["3.22.1", "3.22.2", "3.22.0"], "3.22.2"],
  ["numbers, not letters", ["3.9.6", "3.10.0", "3.22.10", "3.22.9"], "3.22.10"],
  ["a release before a candidate", ["3.23.0_rc2", "3.22.2", "3.23.0_rc1"], "3.22.2"],
  ["nothing of none", [], undefined],
  ["nothing of candidates", ["3.23.0_rc2"], undefined],
  ["the longer one of two that begin alike", ["3.22.1", "3.22"], "3.22.1"],
];

for (const [what, versions, expected] of NEWEST) {
  Deno.test(`newestIn() chooses ${what}`, () => {
    const found = newestIn(versions.map(minirootfsName));
    assert.equal(found, expected === undefined ? undefined : minirootfsName(expected));
  });
}

Deno.test("newestIn() chooses only archives for this architecture", () => {
  const others = [
    `${minirootfsName("3.99.0")}.asc`,
    "alpine-minirootfs-3.99.0-s390x.tar.gz",
    "x.tar.gz",
  ];
  assert.equal(newestIn([...others, minirootfsName("3.1.0")]), minirootfsName("3.1.0"));
});

Deno.test("linksOf() reads all forms of links on an index page", async () => {
  const page = `<!DOCTYPE html><title>a</title><pre><a href="../">../</a> <A HREF='b'>b</A>
    <a href=/x/c%2B>c</a><a href="http://h/y/d?q=1/2#f">d</a><a name="e">e</a> <!-- <a href="f"> -->`;
  assert.deepEqual(await linksOf(page), ["", "b", "c%2B", "d"]);
});

Deno.test("parseChecksum() reads the output of sha256sum, and nothing else", () => {
  const sha256 = "ab".repeat(32);
  for (const text of [`${sha256}  name\n`, `${sha256.toUpperCase()} *name`, sha256]) {
    assert.equal(parseChecksum(text, "name"), sha256);
  }
  for (const text of ["", "<html>", `${sha256}  other\n`, `${sha256.slice(1)}  name`]) {
    assert.throws(() => parseChecksum(text, "name"), /^Error: name\.sha256 has no checksum of it$/);
  }
});

const FILES = {
  ...minirootfs("3.9.9", "nine"),
  ...minirootfs("3.22.1", "old"),
  ...minirootfs("3.22.10", "new"),
  ...minirootfs("3.23.0_rc1", "candidate"),
};

Deno.test("fetchMinirootfs() fetches the newest of a mirror, and caches it", async () => {
  using cache = ownCache();
  await using mirror = serveMirror(FILES);
  const path = await fetchMinirootfs({ mirror: mirror.mirror });
  assert.equal(path, `${cache.path}/roots/${minirootfsName("3.22.10")}`);
  assert.equal(Deno.readTextFileSync(path), "new");
  const downloads = () => mirror.requests.filter((it) => it.endsWith(".tar.gz")).length;
  assert.equal(downloads(), 1);
  assert.equal(await fetchMinirootfs({ mirror: mirror.mirror }), path);
  assert.equal(downloads(), 1);
  Deno.writeTextFileSync(path, "damaged");
  await fetchMinirootfs({ mirror: mirror.mirror });
  assert.equal(Deno.readTextFileSync(path), "new");
});

const REFUSED: readonly [string, MirrorFiles, RegExp][] = [
  [
    "a wrong checksum",
    minirootfs("3.22.1", "x", "0".repeat(64)),
    /its sha256 is \w{64} in place of 0{64}/,
  ],
  ["no checksum", { [minirootfsName("3.22.1")]: "x" }, /the server answered 404 .* for .*\.sha256/],
  ["a checksum of something else", {
    [minirootfsName("3.22.1")]: "x",
    [`${minirootfsName("3.22.1")}.sha256`]: "<html>Welcome</html>",
  }, /\.sha256 has no checksum of it/],
  ["no archive behind its link", {
    [`${minirootfsName("3.22.1")}#gone`]: "",
    [`${minirootfsName("3.22.1")}.sha256`]: `${"0".repeat(64)}\n`,
  }, /the server answered 404 /],
  ["candidates only", minirootfs("3.23.0_rc1", "x"), /it lists no minirootfs for/],
];

for (const [what, files, message] of REFUSED) {
  Deno.test(`fetchMinirootfs() keeps nothing from a mirror that has ${what}`, async () => {
    using cache = ownCache();
    await using mirror = serveMirror(files);
    const error = await fetchMinirootfs({ mirror: mirror.mirror }).catch((error) => error);
    assert.match(
      error.message,
      /^cannot get a minirootfs from http:\/\/127.0.0.1:\d+\/releases\/: /,
    );
    assert.match(error.message, message);
    const kept = Array.from(Deno.readDirSync(cache.path), ({ name }) => name)
      .flatMap((name) => Array.from(Deno.readDirSync(`${cache.path}/${name}`)));
    assert.deepEqual(kept, []);
  });
}

Deno.test("fetchMinirootfs() names the page that the mirror does not have", async () => {
  await using mirror = serveMirror({});
  await assert.rejects(
    fetchMinirootfs({ mirror: `${mirror.mirror}/nowhere` }),
    /: the server answered 404 Not Found for http:\/\/127.0.0.1:\d+\/releases\/nowhere\/$/,
  );
});

Deno.test("fetchMinirootfs() refuses a mirror that is not an http URL", async () => {
  for (const mirror of ["file:///etc", "mirror", ""]) {
    await assert.rejects(fetchMinirootfs({ mirror }), TypeError);
  }
});
