// Installs packages with the root's own package manager, in a machine.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { prepareImage } from "../../mod.ts";
import { readManifest } from "../../src/images/manifest.ts";
import { installCommands } from "../../src/prepare/package_managers.ts";
import { tool } from "../archive/fixture.ts";
import { codeTest, makeShellRoot } from "../code/fixture.ts";
import { templateCache } from "../support/template_cache.ts";
import { tempDir } from "../support/temp_dir.ts";

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

for (
  const [manager, commands] of [
    ["apk", [["apk", "add", "--no-cache", "--", "curl", "jq"]]],
    ["dnf", [["dnf", "install", "-y", "--setopt=install_weak_deps=False", "--", "curl", "jq"]]],
    ["apt-get", [
      ["apt-get", "update", "-q"],
      [
        ...["apt-get", "install", "-q", "-y", "--no-install-recommends"],
        ...["-o", "Dpkg::Options::=--force-unsafe-io", "--", "curl", "jq"],
      ],
    ]],
    ["constructor", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`installCommands() of ${JSON.stringify(manager)}`, () => {
    assert.deepEqual(installCommands(manager, ["curl", "jq"]), commands);
  });
}

/**
 * A stand-in for a package manager: it records its arguments, and leaves files that must be cleaned
 * up.
 */
const STAND_IN = `#!/bin/sh
echo "$0 $* as $(id -u) quiet $DEBIAN_FRONTEND" >> /log
mkdir -p /var/cache/apk /var/cache/dnf
echo much > /var/cache/apk/index; echo much > /var/cache/dnf/index
`;

for (
  const [path, argv] of [
    ["/sbin/apk", "add --no-cache -- one two"],
    ["/usr/bin/dnf", "install -y --setopt=install_weak_deps=False -- one two"],
  ] as const
) {
  codeTest(`packages are installed with ${path} if the root has it`, async () => {
    using folder = tempDir();
    using _cache = templateCache();
    const root = await makeShellRoot(`${folder.path}/root`);
    Deno.mkdirSync(`${root}${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    Deno.writeTextFileSync(`${root}${path}`, STAND_IN, { mode: 0o755 });
    const packages = ["one", "two"];
    const image = await prepareImage({ from: root, packages, network: true, accel: "tcg" });
    const entries = new Map((await readManifest(image.path)).map((entry) => [entry.path, entry]));
    const log = `${path} ${argv} as 0 quiet noninteractive\n`;
    assert.equal(entries.get("/log")?.sha256, sha256(log));
    for (const left of ["/var/cache/apk/index", "/var/cache/dnf", "/etc/resolv.conf"]) {
      assert.ok(!entries.has(left), left);
    }
  });
}

/** A package with a file, and a script that runs after the installation. */
async function makePackage(folder: string): Promise<Uint8Array> {
  const tree = `${folder}/package`;
  Deno.mkdirSync(`${tree}/DEBIAN`, { recursive: true });
  Deno.mkdirSync(`${tree}/opt`);
  Deno.writeTextFileSync(`${tree}/opt/greeting`, "hello\n");
  const script = "#!/bin/sh\nset -e\nid -u > /opt/configured\n";
  Deno.writeTextFileSync(`${tree}/DEBIAN/postinst`, script, { mode: 0o755 });
  Deno.writeTextFileSync(`${tree}/DEBIAN/control`, `${CONTROL}\n`);
  await tool(["dpkg-deb", "--root-owner-group", "--build", tree, `${folder}/greeting.deb`]);
  return Deno.readFileSync(`${folder}/greeting.deb`);
}

const CONTROL = `Package: execvm-greeting
Version: 1.0
Architecture: all
Maintainer: Nobody <nobody@localhost>
Description: says hello`;

/**
 * Serves a repository of that package on the loopback (Debian's wiki, DebianRepository/Format,
 * flat).
 */
function serveRepository(deb: Uint8Array): Deno.HttpServer<Deno.NetAddr> {
  const packages = [
    CONTROL,
    "Filename: ./greeting.deb",
    `Size: ${deb.length}`,
    `SHA256: ${sha256(deb)}`,
    "",
  ].join("\n");
  const release = `SHA256:\n ${sha256(packages)} ${packages.length} Packages\n`;
  const files: Record<string, BodyInit> = {
    "/Release": release,
    "/Packages": packages,
    "/greeting.deb": deb as Uint8Array<ArrayBuffer>,
  };
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
    const file = files[new URL(url).pathname.replace("/./", "/")];
    return file === undefined ? new Response(null, { status: 404 }) : new Response(file);
  });
}

async function installByApt(): Promise<void> {
  using folder = tempDir();
  using _cache = templateCache(); // no two test runs make the same image
  await using server = serveRepository(await makePackage(folder.path));
  const tar = `${folder.path}/debian.tar`;
  await makeDebian(tar, `http://10.0.2.2:${server.addr.port}`);
  const packages = ["execvm-greeting"];
  const image = await prepareImage({ from: tar, packages, network: true, accel: "tcg" });
  const entries = new Map((await readManifest(image.path)).map((entry) => [entry.path, entry]));
  assert.equal(entries.get("/opt/greeting")?.sha256, sha256("hello\n"));
  assert.equal(entries.get("/opt/configured")?.sha256, sha256("0\n"));
  assert.ok(entries.has("/var/lib/dpkg/info/execvm-greeting.list"));
  const lists = [...entries.keys()].filter((path) => path.startsWith("/var/lib/apt/lists/"));
  assert.deepEqual(lists, []);
}

const NAME = "packages are installed by apt in a Debian, over the machine's network";
codeTest(NAME, installByApt, "mmdebstrap", "dpkg-deb", "apt-get");

/** A Debian with apt, whose only repository is that one, without documentation. */
async function makeDebian(tar: string, repository: string): Promise<void> {
  const folder = `${tar}.sources`;
  Deno.mkdirSync(folder);
  const sources = `deb [trusted=yes allow-insecure=yes] ${repository} ./\n`;
  Deno.writeTextFileSync(`${folder}/list`, sources);
  await tool([
    ...["mmdebstrap", "--quiet", "--variant=apt", "--format=tar"],
    ...["doc", "locale", "man"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    `--customize-hook=upload ${folder}/list /etc/apt/sources.list`,
    ...["bookworm", tar],
  ]);
}
