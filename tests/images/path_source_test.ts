import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { ByteReader } from "../../src/archive/byte_reader.ts";
import { readTar, type TarEntry } from "../../src/archive/read_tar.ts";
import { openSource } from "../../src/images/open_source.ts";
import type { RootSource, SourceOptions } from "../../src/images/root_source.ts";
import { needs } from "../support/tools.ts";
import { listTar, rawTar, tempDir, tool } from "./fixture.ts";
import {
  digest,
  filesTar,
  IMAGE_CONFIG,
  json,
  LAYER_TARS,
  layoutFiles,
  makeImage,
  makeIndex,
  OTHER_ARCHITECTURE,
  ROOT_LINES,
  savedFiles,
  writeFiles,
} from "./oci_fixture.ts";

const HOST = IMAGE_CONFIG.architecture;

async function rootOf(source: RootSource): Promise<string[]> {
  assert.equal(source.root.kind, "tar");
  return source.root.kind === "tar" ? await listTar(source.root.open()) : [];
}

async function identityAt(path: string, options: SourceOptions = {}): Promise<string> {
  await using source = await openSource(path, options);
  assert.match(source.identity, /^[0-9a-f]{64}$/);
  return source.identity;
}

Deno.test("a folder is a root, whose identity changes with its contents and not with times", async () => {
  using folder = tempDir();
  const root = `${folder.path}/root`;
  Deno.mkdirSync(`${root}/etc`, { recursive: true });
  Deno.writeTextFileSync(`${root}/etc/name`, "a");
  Deno.symlinkSync("etc", `${root}/link`);
  await using source = await openSource(root);
  assert.equal(source.config, undefined);
  const owner = `${Deno.uid()}:${Deno.gid()}`;
  const expected = [`./etc/name | file 644 ${owner} | a`, `./link | symlink 777 ${owner} | -> etc`];
  assert.deepEqual((await rootOf(source)).slice(-2), expected);
  const { identity } = source;
  Deno.utimeSync(`${root}/etc/name`, 1, 1);
  assert.equal(await identityAt(root), identity);
  Deno.chmodSync(`${root}/etc/name`, 0o600);
  const changed = await identityAt(root);
  assert.notEqual(changed, identity);
  Deno.writeTextFileSync(`${root}/etc/name`, "b");
  assert.notEqual(await identityAt(root), changed);
});

Deno.test({
  ...needs("a folder is a root with extended attributes and names that are bytes", "setfattr"),
  async fn() {
    using folder = tempDir();
    const script = 'cd "$1" && : >"$(printf "a\\377")" && setfattr -n user.k -v v a*';
    await tool(["sh", "-c", script, "sh", folder.path]);
    await using source = await openSource(folder.path);
    assert.ok(source.root.kind === "tar");
    const found = await Array.fromAsync(readTar(new ByteReader(source.root.open())));
    const [, { header }] = found as [TarEntry, TarEntry];
    assert.equal(header.name, "./a\udcff");
    assert.deepEqual(header.xattrs, new Map([["user.k", new TextEncoder().encode("v")]]));
  },
});

Deno.test({
  ...needs("a tar is a root in any compression, detected by content and not by name", "xz", "zstd"),
  async fn() {
    using folder = tempDir();
    const tar = rawTar(
      { name: "./b", data: "1" },
      { name: "a/.wh.x", data: "no whiteout" },
      { name: "b", data: "2" },
    );
    const forms: [string, Uint8Array][] = [
      ["plain.gz", tar],
      ["gzip.tar", gzipSync(tar)],
      ["xz", await tool(["xz", "-c"], tar)],
      ["zstd", await tool(["zstd", "-c"], tar)],
    ];
    const identities = new Set<string>();
    for (const [name, bytes] of forms) {
      Deno.writeFileSync(`${folder.path}/${name}`, bytes);
      await using source = await openSource(`${folder.path}/${name}`);
      assert.deepEqual(await rootOf(source), [
        "./ | directory 755 0:0",
        "a/ | directory 755 0:0",
        "a/.wh.x | file 644 0:0 | no whiteout",
        "b | file 644 0:0 | 2",
      ]);
      identities.add(source.identity);
    }
    assert.equal(identities.size, forms.length);
  },
});

Deno.test({
  ...needs("the image of a file system is used directly", "mksquashfs", "mkfs.ext4", "mkfs.erofs"),
  async fn() {
    using folder = tempDir();
    const root = `${folder.path}/root`;
    Deno.mkdirSync(root);
    const path = (type: string) => `${folder.path}/${type}`;
    await tool(["mksquashfs", root, path("squashfs"), "-quiet", "-no-progress"]);
    await tool(["mkfs.ext4", "-q", "-d", root, path("ext4"), "4M"]);
    await tool(["mkfs.erofs", path("erofs"), root]);
    for (const fileSystem of ["squashfs", "ext4", "erofs"] as const) {
      await using source = await openSource(path(fileSystem));
      assert.deepEqual(source.root, { kind: "image", path: path(fileSystem), fileSystem });
    }
  },
});

Deno.test({
  ...needs("an OCI image is read from a folder, an archive and the output of docker save", "zstd"),
  async fn() {
    using folder = tempDir();
    const image = makeImage();
    const layout = layoutFiles(image.blobs, image.manifest);
    const saved = savedFiles(image, "app:latest");
    writeFiles(`${folder.path}/folder`, layout);
    Deno.writeFileSync(`${folder.path}/layout.tar`, filesTar(layout));
    Deno.writeFileSync(`${folder.path}/layout.tgz`, gzipSync(filesTar(layout)));
    Deno.writeFileSync(`${folder.path}/saved.tar`, filesTar(saved));
    Deno.writeFileSync(`${folder.path}/both.tar`, filesTar(new Map([...saved, ...layout])));
    const identities = new Map<string, string>();
    for (const name of ["folder", "layout.tar", "layout.tgz", "saved.tar", "both.tar"]) {
      await using source = await openSource(`${folder.path}/${name}`);
      assert.deepEqual(source.config, IMAGE_CONFIG, name);
      assert.deepEqual(await rootOf(source), ROOT_LINES, name);
      identities.set(name, source.identity);
    }
    // The same manifest is the same image, in any form.
    const { "saved.tar": savedIdentity, ...others } = Object.fromEntries(identities);
    assert.equal(new Set(Object.values(others)).size, 1);
    assert.notEqual(savedIdentity, others["folder"]);
  },
});

Deno.test("a symlink to a layer in an old archive is followed", async () => {
  using folder = tempDir();
  const image = makeImage({ tars: LAYER_TARS.slice(0, 1) });
  const hex = image.config.digest.slice("sha256:".length);
  const [real, link] = ["1".repeat(64), "2".repeat(64)];
  const tar = rawTar(
    { name: `${real}/layer.tar`, data: image.tars[0]! },
    { name: `${link}/layer.tar`, type: "2", link: `../${real}/layer.tar` },
    { name: `${hex}.json`, data: image.blobs.get(image.config.digest)! },
    {
      name: "manifest.json",
      data: json([{ Config: `${hex}.json`, RepoTags: null, Layers: [`${link}/layer.tar`] }]),
    },
  );
  Deno.writeFileSync(`${folder.path}/saved`, tar);
  await using source = await openSource(`${folder.path}/saved`);
  assert.equal((await rootOf(source)).length, 6);
});

Deno.test("the image of an index for this host is chosen, or the requested one", async () => {
  using folder = tempDir();
  const [ours, other] = [makeImage(), makeImage({ architecture: OTHER_ARCHITECTURE })];
  const { index, blobs } = makeIndex([[OTHER_ARCHITECTURE, other], [HOST, ours]]);
  writeFiles(folder.path, layoutFiles(blobs, index));
  await using source = await openSource(folder.path);
  assert.equal(source.config?.architecture, HOST);
  await using asked = await openSource(folder.path, { platform: `linux/${OTHER_ARCHITECTURE}` });
  assert.equal(asked.config?.architecture, OTHER_ARCHITECTURE);
  assert.notEqual(asked.identity, source.identity);
  const known = `there are linux/${OTHER_ARCHITECTURE}, linux/${HOST}$`;
  await assert.rejects(openSource(folder.path, { platform: "linux/s390x" }), {
    message: new RegExp(`there is none for linux/s390x: ${known}`),
  });
});

Deno.test("an image for another processor is refused, unless requested", async () => {
  using folder = tempDir();
  const image = makeImage({ architecture: OTHER_ARCHITECTURE });
  const [layout, saved] = [`${folder.path}/layout`, `${folder.path}/saved.tar`];
  writeFiles(layout, layoutFiles(image.blobs, image.manifest));
  Deno.writeFileSync(saved, filesTar(savedFiles(image, "app:1")));
  for (const path of [layout, saved]) {
    await assert.rejects(openSource(path), {
      message: new RegExp(
        `it is for linux/${OTHER_ARCHITECTURE}, not linux/${HOST}: set the platform`,
      ),
    });
    await using source = await openSource(path, { platform: `linux/${OTHER_ARCHITECTURE}` });
    assert.equal(source.config?.architecture, OTHER_ARCHITECTURE);
  }
});

Deno.test("one of several images is chosen by name or tag, else the error lists the names", async () => {
  using folder = tempDir();
  const [one, two] = [makeImage(), makeImage({ tars: LAYER_TARS.slice(0, 1) })];
  const name = (image: typeof one, value: string) => ({
    ...image.manifest,
    annotations: { "org.opencontainers.image.ref.name": value },
  });
  const blobs = new Map([...one.blobs, ...two.blobs]);
  const layout = `${folder.path}/layout`;
  writeFiles(layout, layoutFiles(blobs, name(one, "v1"), name(two, "v2")));
  const identities = await Promise.all(
    ["v1", "v2"].map((reference) => identityAt(layout, { reference })),
  );
  assert.equal(new Set(identities).size, 2);
  await assert.rejects(openSource(layout), { message: /set the reference to one of v1, v2$/ });
  await assert.rejects(openSource(layout, { reference: "v3" }), {
    message: /it has no image "v3": there are v1, v2$/,
  });
  const saved = `${folder.path}/saved.tar`;
  Deno.writeFileSync(saved, filesTar(savedFiles(one, "app:v1")));
  assert.equal(await identityAt(saved, { reference: "v1" }), await identityAt(saved));
  await assert.rejects(openSource(saved, { reference: "v2" }), {
    message: /it has no image "v2": there are app:v1$/,
  });
  // Names as podman save writes them and podman run accepts them.
  Deno.writeFileSync(saved, filesTar(savedFiles(one, "localhost/app:latest")));
  for (const reference of ["app", "localhost/app", "latest", "app:latest"]) {
    assert.equal(await identityAt(saved, { reference }), await identityAt(saved), reference);
  }
  for (const reference of ["pp", "host/app", "localhost"]) {
    await assert.rejects(openSource(saved, { reference }), { message: /it has no image/ });
  }
});

Deno.test("an image that does not match its digests has no root", async () => {
  using folder = tempDir();
  const image = makeImage({ tars: LAYER_TARS.slice(0, 1) });
  const [layer] = image.layers;
  const blob = image.blobs.get(layer!.digest)!;
  const flipped = blob.slice();
  flipped[5] = flipped[5]! ^ 1; // in the time of the gzip header, which is not checked otherwise
  const wrongId = digest(new Uint8Array());
  const mislabelled = makeImage({ tars: LAYER_TARS.slice(0, 1), diffIds: [wrongId] });
  const rows: [string, typeof image, [string, Uint8Array][], RegExp][] = [
    ["changed", image, [[layer!.digest, flipped]], /^cannot read layer .*: its digest is sha256:/],
    [
      "longer",
      image,
      [[layer!.digest, new Uint8Array([...blob, 0])]],
      /it has more than \d+ bytes/,
    ],
    [
      "shorter",
      image,
      [[layer!.digest, blob.subarray(0, -1)]],
      /it has \d+ of \d+ bytes|cannot gunzip/,
    ],
    ["diff_id", mislabelled, [], new RegExp(`its digest is .* in place of ${wrongId}`)],
  ];
  for (const [name, { blobs, manifest }, changes, message] of rows) {
    const path = `${folder.path}/${name}`;
    writeFiles(path, layoutFiles(new Map([...blobs, ...changes]), manifest));
    await using source = await openSource(path);
    await assert.rejects(rootOf(source), { message }, name);
  }
});

Deno.test("invalid documents are reported at once", async () => {
  using folder = tempDir();
  const image = makeImage();
  const { manifest, config, blobs } = image;
  const with_ = (name: string, bytes: Uint8Array) => new Map([...blobs, [name, bytes]]);
  const encrypted = makeImage({ mediaType: "application/vnd.oci.image.layer.v1.tar+encrypted" });
  const few = makeImage({ diffIds: [digest(new Uint8Array())] });
  const rows: [string, ReturnType<typeof layoutFiles>, RegExp][] = [
    [
      "config",
      layoutFiles(with_(config.digest, json({})), manifest),
      /cannot read sha256.*: it has/,
    ],
    [
      "no blob",
      layoutFiles(new Map(), manifest),
      /cannot read sha256.*: cannot open ".*there is no such file/,
    ],
    ["empty", layoutFiles(blobs), /it has no image$/],
    ["huge", layoutFiles(blobs, { ...manifest, size: 1 << 30 }), /a document at most 4194304$/],
    ["digest", layoutFiles(blobs, { ...manifest, digest: "sha512:00" }), /must be a sha256 digest/],
    [
      "encrypted",
      layoutFiles(encrypted.blobs, encrypted.manifest),
      /must be a tar: it is .*encrypted/,
    ],
    ["few", layoutFiles(few.blobs, few.manifest), /there are 3 layers but 1 diff_ids$/],
  ];
  for (const [name, files, message] of rows) {
    writeFiles(`${folder.path}/${name}`, files);
    await assert.rejects(openSource(`${folder.path}/${name}`), { message }, name);
  }
});

Deno.test("anything that is not a source is refused with a list of the forms", async () => {
  using folder = tempDir();
  const write = (name: string, bytes: Uint8Array) => {
    Deno.writeFileSync(`${folder.path}/${name}`, bytes);
    return `${folder.path}/${name}`;
  };
  const forms = /it must be a folder, a tar .*, or an image of ext4, squashfs or erofs$/;
  const qcow2 = new Uint8Array(4096);
  qcow2.set([0x51, 0x46, 0x49, 0xfb]);
  const rows: [string, RegExp][] = [
    [
      `${folder.path}/none`,
      /^cannot make an image from ".*none": there is no such file or folder$/,
    ],
    [write("empty", new Uint8Array()), forms],
    [write("text", new TextEncoder().encode("hello")), forms],
    [write("text.gz", gzipSync("hello".repeat(1000))), /must match its checksum/],
    [write("nothing.tar.gz", gzipSync(rawTar())), /: it is empty$/],
    [write("cut.gz", gzipSync(rawTar({ name: "f", data: "x" })).subarray(0, 40)), /must be whole/],
    [write("qcow2", qcow2), /it is a qcow2: convert it with qemu-img/],
  ];
  for (const [path, message] of rows) await assert.rejects(openSource(path), { message });
});
