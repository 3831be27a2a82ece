// Roots, devices and the network in real machines; each is booted once and inspected.

import assert from "node:assert/strict";
import {
  fromJSON,
  type Image,
  prepareImage,
  type Runner,
  stream,
  text,
  vm,
  type VmOptions,
} from "../../mod.ts";
import { pruneImages } from "../../src/prepare/prune_images.ts";
import { findKernel } from "../../src/kernels/find.ts";
import { tempDir } from "../support/temp_dir.ts";
import "../support/test_cache.ts";
import { needs } from "../support/tools.ts";

const BUSYBOX = "/bin/busybox";
const APPLETS = ["sh", "cat", "ls", "mount", "dd", "stat", "sha256sum", "tr", "wget", "head"];
const hasKernel = await findKernel() !== undefined || Deno.env.get("CI") !== undefined;

function machineTest(name: string, tools: readonly string[], fn: () => Promise<void>): void {
  const test = needs(name, "qemu-system-x86_64", BUSYBOX, ...tools);
  const withoutKernel = { name: `${name} (skipped: no kernel: execvm kernel fetch)`, ignore: true };
  Deno.test({ ...hasKernel ? test : withoutKernel, fn });
}

function machine(options: VmOptions): Runner {
  return vm({ accel: "tcg", ...options });
}

/** A folder with busybox and a marker file, as a root. */
function makeRoot(folder: string, mark: string): string {
  const root = `${folder}/root`;
  for (const name of ["bin", "etc", "tmp"]) Deno.mkdirSync(`${root}/${name}`, { recursive: true });
  Deno.copyFileSync(BUSYBOX, `${root}/bin/busybox`);
  Deno.chmodSync(`${root}/bin/busybox`, 0o755);
  for (const applet of APPLETS) Deno.symlinkSync("busybox", `${root}/bin/${applet}`);
  Deno.writeTextFileSync(`${root}/etc/mark`, mark);
  Deno.writeTextFileSync(`${root}/tmp/hidden`, "");
  Deno.symlinkSync("../run/resolver/resolv.conf", `${root}/etc/resolv.conf`);
  return root;
}

async function runHost(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

async function makeExt4(folder: string, root: string): Promise<string> {
  const image = `${folder}/root.ext4`;
  await runHost("mkfs.ext4", "-q", "-d", root, image, "32M");
  return image;
}

async function sha256(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(digest).toHex();
}

/** Inspects a root from inside; prints the same for each kind of root. */
const LOOK = `
cat /etc/mark; echo
echo new > /etc/new && cat /etc/new
echo changed > /etc/mark && cat /etc/mark
ls /tmp /sys/class/net
stat -c %F /proc/self /dev/null
while read -r device target type rest; do [ $target = / ] && echo $type; done < /proc/mounts
ls -d /execvm /newroot 2> /dev/null
cat /etc/resolv.conf 2> /dev/null
cat
echo end`;

function looked(mark: string, type: string): string {
  return [
    mark,
    ...["new", "changed", "/sys/class/net:", "lo", "", "/tmp:"],
    ...["symbolic link", "character special file", type, "input", "end"],
  ].join("\n");
}

async function assertRoot(options: VmOptions, expected: string): Promise<void> {
  const look = text("input\n").pipe(machine(options).cmd("sh", "-c", LOOK));
  assert.equal(await look.text(), expected);
}

machineTest("an ext4 is the root; writes to it are lost", ["mkfs.ext4"], async () => {
  using folder = tempDir();
  const root = await makeExt4(folder.path, makeRoot(folder.path, "on ext4"));
  Deno.chmodSync(root, 0o600); // QEMU is not root, though we may be
  const before = await sha256(root);
  await assertRoot({ root }, looked("on ext4", "overlay"));
  assert.equal(await sha256(root), before);
});

machineTest("a squashfs is the root", ["mksquashfs"], async () => {
  using folder = tempDir();
  const root = `${folder.path}/root.squashfs`;
  await runHost("mksquashfs", makeRoot(folder.path, "squashed"), root, "-no-progress", "-quiet");
  await assertRoot({ root }, looked("squashed", "overlay"));
});

machineTest("an erofs is the root", ["mkfs.erofs"], async () => {
  using folder = tempDir();
  const root = `${folder.path}/root.erofs`;
  await runHost("mkfs.erofs", root, makeRoot(folder.path, "erofs"));
  await assertRoot({ root }, looked("erofs", "overlay"));
});

machineTest("a folder is the root, and is not changed", ["mksquashfs"], async () => {
  using folder = tempDir();
  const root = makeRoot(folder.path, "a folder");
  await assertRoot({ root }, looked("a folder", "overlay"));
  assert.equal(await Deno.readTextFile(`${root}/etc/mark`), "a folder");
  assert.throws(() => Deno.lstatSync(`${root}/etc/new`), Deno.errors.NotFound);
});

machineTest("a tar, a name and an image are the root, also in JSON", ["sqfstar"], async () => {
  using folder = tempDir();
  const root = makeRoot(folder.path, "prepared");
  const tar = `${folder.path}/root.tar`;
  await runHost("tar", "-C", root, "-cf", tar, ".");
  const cat = (root: string | Image) => machine({ root }).cmd("cat", "/etc/mark");
  assert.equal(await cat(tar).text(), "prepared");
  const name = `prepared-${crypto.randomUUID()}`;
  const image = await prepareImage({ from: tar, name });
  assert.equal(await cat(name).text(), "prepared");
  assert.equal(await cat(image).text(), "prepared");
  const json = JSON.parse(JSON.stringify(cat(image.key.slice(0, 12))));
  const copy = `${folder.path}/copy`;
  await fromJSON({ ...json, output: { type: "file", name: copy } }).run();
  assert.equal(Deno.readTextFileSync(copy), "prepared");
});

machineTest("a pool of machines has a root that is prepared first", ["sqfstar"], async () => {
  using folder = tempDir();
  const tar = `${folder.path}/root.tar`;
  await runHost("tar", "-C", makeRoot(folder.path, "pooled"), "-czf", tar, ".");
  await using runner = machine({ root: tar, pool: 1 });
  const cat = () => runner.cmd("cat", "/etc/mark").text();
  assert.deepEqual(await Promise.all([cat(), cat()]), ["pooled", "pooled"]);
});

machineTest("an image that a machine has is not pruned", ["sqfstar"], async () => {
  using folder = tempDir();
  const tar = `${folder.path}/root.tar`;
  await runHost("tar", "-C", makeRoot(folder.path, "in use"), "-cf", tar, ".");
  const { key } = await prepareImage({ from: tar });
  const prune = async () => {
    const { pruned } = await pruneImages({ olderThanMs: 0, all: true, dryRun: true });
    return pruned.some((image) => image.key === key);
  };
  const started = Promise.withResolvers<void>();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const seen = new WritableStream<Uint8Array>({ write: () => started.resolve() });
  const command = machine({ root: key }).cmd("sh", "-c", "echo; exec cat");
  const ended = stream(readable).pipe(command).to(stream(seen)).run();
  await started.promise;
  assert.equal(await prune(), false);
  await writable.close();
  await ended;
  assert.equal(await prune(), true);
});

machineTest("rootWrite: writes are in the image, which is clean", ["mkfs.ext4"], async () => {
  using folder = tempDir();
  const root = await makeExt4(folder.path, makeRoot(folder.path, "written"));
  await assertRoot({ root, rootWrite: true }, looked("written", "ext4"));
  await runHost("e2fsck", "-fn", root);
  assert.equal(await runHost("debugfs", "-R", "cat /etc/mark", root), "changed\n");
});

machineTest("devices have the names and access that were requested", ["xorriso"], async () => {
  using folder = tempDir();
  const [raw, kept, written, iso, qcow2] = ["r,aw", "kept", "written", "c.iso", "qcow2"]
    .map((name) => `${folder.path}/${name}`) as [string, string, string, string, string];
  await Deno.writeFile(qcow2, emptyQcow2(), { mode: 0o600 });
  const content = crypto.getRandomValues(new Uint8Array(10_000));
  for (const path of [raw, kept, written]) await Deno.writeFile(path, content, { mode: 0o600 });
  const tree = makeRoot(folder.path, "on a cdrom");
  await runHost("xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", iso, tree);
  const devices = {
    [raw]: "/dev/vdb",
    [kept]: "/dev/vda",
    [written]: { path: "/dev/vdd", write: true },
    [iso]: "/dev/sr1",
    [qcow2]: "/dev/vdz",
  };
  const output = await machine({ devices }).cmd("sh", "-c", SEE_DEVICES).lines();
  const sum = await sha256(raw);
  assert.deepEqual(output, [
    ...["/dev/sr1", "/dev/vda", "/dev/vdb", "/dev/vdd", "/dev/vdz"],
    ...[sum, "refused", "on a cdrom", "1048576"],
  ]);
  assert.deepEqual([await sha256(raw), await sha256(kept)], [sum, sum]);
  const after = await Deno.readFile(written);
  assert.equal(new TextDecoder().decode(after.subarray(0, 5)), "hello");
  assert.deepEqual(after.subarray(5, content.length), content.subarray(5));
});

const SEE_DEVICES = `
ls /dev/vd* /dev/sr*
head -c 10000 /dev/vdb | sha256sum | head -c 64; echo
printf hello > /dev/vdd
dd if=/dev/vdb of=/dev/vda 2> /dev/null || echo refused
mkdir /m && mount -t iso9660 -o ro /dev/sr1 /m && cat /m/etc/mark; echo
blockdev --getsize64 /dev/vdz`;

/** An empty disk of 1 MiB: docs/interop/qcow2.txt, version 2. */
function emptyQcow2(): Uint8Array {
  const cluster = 1 << 16;
  const bytes = new Uint8Array(4 * cluster);
  const view = new DataView(bytes.buffer);
  const words = [[0, 0x514649fb], [4, 2], [20, 16], [28, 1 << 20], [36, 1], [44, 3 * cluster]];
  for (const [at, value] of [...words, [52, cluster], [56, 1]]) view.setUint32(at!, value!);
  view.setUint32(cluster + 4, 2 * cluster); // the table of reference counts names their only block
  for (let used = 0; used < 4; used++) view.setUint16(2 * cluster + 2 * used, 1);
  return bytes;
}

machineTest('network "user" reaches the host', [], async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("from the host\n"),
  );
  const script = 'cat /etc/resolv.conf && wget -q -O - "http://10.0.2.2:$PORT/"';
  const command = machine({ network: "user" }).cmd("sh", "-c", script);
  const output = await command.env({ PORT: String(server.addr.port) }).lines();
  assert.deepEqual(output, ["nameserver 10.0.2.3", "from the host"]);
});
