import assert from "node:assert/strict";
import { openSource } from "../../src/images/open_source.ts";
import { packRoot } from "../../src/images/pack_root.ts";
import { readManifest } from "../../src/images/manifest.ts";
import { isInstalled } from "../support/tools.ts";
import { tempDir, tool } from "./fixture.ts";

/** Making a Debian requires one as the host, its tools, and a reachable mirror. */
const missing = ["mmdebstrap", "sqfstar", "unsquashfs"].filter((name) => !isInstalled(name));
const isWanted = Deno.env.get("CI") !== undefined ||
  (missing.length === 0 && await hasMirror());

async function hasMirror(): Promise<boolean> {
  const url = "http://deb.debian.org/debian/dists/bookworm/Release";
  return await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(5000) })
    .then(({ ok }) => ok, () => false);
}

Deno.test({
  name: `debian:SUITE becomes an image${isWanted ? "" : " (skipped: no mmdebstrap or no mirror)"}`,
  ignore: !isWanted,
  async fn() {
    using folder = tempDir();
    const debian = { variant: "extract", include: ["base-files"] };
    await using source = await openSource("debian:bookworm", { debian });
    assert.ok(source.root.kind === "tar");
    const { image } = await packRoot(source.root.open(), `${folder.path}/root`);
    const version = new TextDecoder().decode(
      await tool(["unsquashfs", "-cat", image, "etc/debian_version"]),
    );
    assert.match(version, /^12\./);
    const of = new Map((await readManifest(image)).map((entry) => [entry.path, entry]));
    assert.equal(of.get("/tmp")?.mode, 0o1777);
    const shown = { kind: "char", mode: 0o666, uid: 0, gid: 0, major: 1, minor: 3 };
    assert.deepEqual(of.get("/dev/null"), { path: "/dev/null", ...shown });
  },
});

Deno.test("debian: has an identity of its suite and options", async () => {
  const identities = new Set<string>();
  const debian = { mirror: "http://mirror.example/debian", include: ["python3"] };
  for (const from of ["debian:bookworm", "debian:trixie"]) {
    for (const options of [{}, { debian }, { debian: { variant: "essential" } }]) {
      await using source = await openSource(from, options);
      await using again = await openSource(from, options);
      assert.equal(again.identity, source.identity);
      identities.add(source.identity);
    }
  }
  assert.equal(identities.size, 6);
});

Deno.test("debian: refuses values that could be options", async () => {
  const rows = [
    { include: ["--help"] },
    { include: ["a,b"] },
    { variant: "-x" },
    { mirror: "--help" },
    { mirror: "deb http://x.example bookworm main" },
  ];
  for (const debian of rows) {
    const opening = openSource("debian:bookworm", { debian });
    await assert.rejects(opening, { name: "TypeError", message: /^cannot make a Debian with "/ });
  }
});

Deno.test("debian: tells what to install without mmdebstrap", async () => {
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", "/nowhere");
  try {
    await using source = await openSource("debian:bookworm");
    assert.ok(source.root.kind === "tar");
    const message = "there is no program mmdebstrap: apt-get install mmdebstrap";
    await assert.rejects(new Response(source.root.open()).bytes(), { message });
  } finally {
    Deno.env.set("PATH", path);
  }
});
