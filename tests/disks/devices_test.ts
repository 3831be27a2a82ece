import assert from "node:assert/strict";
import { vm } from "../../mod.ts";
import { planAttachments } from "../../src/disks/plan_attachments.ts";
import { type DeviceOptions, parseDevice, planDevices } from "../../src/disks/devices.ts";
import { readDiskHeader } from "../../src/disks/disk_header.ts";
import { driveArgs, networkArgs } from "../../src/disks/drives.ts";
import {
  type MachineWords,
  readKernelParams,
  type RootMount,
  toKernelParams,
} from "../../src/machine/protocol_words.ts";
import { builderOf } from "../../src/runners/builders.ts";
import { nestRunner } from "../../src/runners/nest_runner.ts";
import { execvm } from "../support/cli.ts";

function disk(file: string, name: string, write = false) {
  return { file, name, media: "disk", write } as const;
}

Deno.test("planDevices() returns the devices sorted by name", () => {
  const plan = planDevices({
    "/z": "/dev/sr0",
    "/c": "/dev/vdc",
    "/a": { path: "/dev/vda", write: true },
    "b": { path: "/dev/vdz" },
  });
  assert.deepEqual(plan, [
    { file: "/z", name: "sr0", media: "cdrom", write: false },
    disk("/a", "vda", true),
    disk("/c", "vdc"),
    disk("b", "vdz"),
  ]);
});

const letters = [..."abcdefghijklmnopqrstuvwxyz"];
const REFUSED: readonly (readonly [string, DeviceOptions | unknown, RegExp])[] = [
  ["one target twice", { "/a": "/dev/vda", "/b": "/dev/vda" }, /^cannot attach \/b .*: \/a is/],
  ["another disk", { "/a": "/dev/sda" }, /take \/dev\/vda to/],
  ["a partition", { "/a": "/dev/vda1" }, /take \/dev\/vda to/],
  ["a name alone", { "/a": "vda" }, /take \/dev\/vda to/],
  ["an eleventh cdrom", { "/a": "/dev/sr10" }, /take \/dev\/vda to/],
  ["a line break", { "/a": "/dev/vda\n" }, /take \/dev\/vda to/],
  ["a cdrom to write", { "/a": { path: "/dev/sr0", write: true } }, /that is a cdrom/],
  ["no path on the host", { "": "/dev/vda" }, /is not a path/],
  ["another field", { "/a": { path: "/dev/vda", mode: "rw" } }, /take "\/dev\/vda" or/],
  ["no path in the guest", { "/a": { write: true } }, /take "\/dev\/vda" or/],
  ["null", { "/a": null }, /take "\/dev\/vda" or/],
  ["25 disks", Object.fromEntries(letters.slice(1).map((x) => [x, `/dev/vd${x}`])), /room for 24/],
];

for (const [name, options, message] of REFUSED) {
  Deno.test(`vm() refuses ${name} before anything starts`, () => {
    assert.throws(() => vm({ devices: options as DeviceOptions }), { message });
  });
}

Deno.test("vm() refuses an unknown network, and rootWrite without a root", () => {
  assert.throws(() => vm({ network: "bridge" as "user" }), /take none or user/);
  assert.throws(() => vm({ rootWrite: true }), /set root too/);
});

Deno.test("parseDevice() accepts HOST:GUEST, with colons in HOST", () => {
  assert.deepEqual(parseDevice("/a:/dev/vda"), ["/a", "/dev/vda"]);
  assert.deepEqual(parseDevice("/a:ro:/dev/vda:ro"), ["/a:ro", "/dev/vda"]);
  assert.deepEqual(parseDevice("a:b:/dev/sr0"), ["a:b", "/dev/sr0"]);
  assert.deepEqual(parseDevice("/a:/dev/vdb:rw"), ["/a", { path: "/dev/vdb", write: true }]);
  for (const text of ["", "/a", ":/dev/vda", "/a:/dev/vda:no", "/a:vda"]) {
    assert.throws(() => parseDevice(text), SyntaxError);
  }
});

Deno.test("driveArgs() names the format, doubles commas, and puts cdroms on a SCSI bus", () => {
  const file = { isBlockDevice: false } as const;
  assert.deepEqual(driveArgs([]), []);
  assert.deepEqual(driveArgs([{ ...disk("/a,b", "vda", true), format: "raw", ...file }]), [
    "-blockdev",
    "driver=raw,node-name=vda,read-only=off,file.driver=file,file.filename=/a,,b",
    "-device",
    "virtio-blk-pci,drive=vda,serial=vda",
  ]);
  const cdrom = { file: "/c", name: "sr3", media: "cdrom", write: false, format: "raw" } as const;
  assert.deepEqual(driveArgs([{ ...cdrom, ...file }]), [
    "-device",
    "virtio-scsi-pci,id=scsi",
    "-blockdev",
    "driver=raw,node-name=sr3,read-only=on,file.driver=file,file.filename=/c",
    "-device",
    "scsi-cd,bus=scsi.0,scsi-id=3,drive=sr3",
  ]);
  const lent = driveArgs([{ ...disk("/b", "vdb"), format: "qcow2", isBlockDevice: true, fd: 7 }]);
  assert.deepEqual(lent.slice(0, 4), [
    "-add-fd",
    "fd=7,set=7",
    "-blockdev",
    "driver=qcow2,node-name=vdb,read-only=on,file.driver=host_device,file.filename=/dev/fdset/7",
  ]);
});

Deno.test("a machine has no network interface by default", () => {
  assert.deepEqual(networkArgs("none"), ["-nic", "none"]);
  assert.match(networkArgs("user").join(" "), /^-netdev user,id=(\w+),.*virtio-net-pci,netdev=\1/);
  const argv = vm().argv({ type: "command", args: ["true"], env: {} });
  assert.ok(argv.join(" ").includes("-nic none") && !argv.join(" ").includes("netdev"));
});

function header(...parts: readonly (readonly [number, readonly number[]])[]): Uint8Array {
  const bytes = new Uint8Array(4096);
  for (const [at, values] of parts) bytes.set(values, at);
  return bytes;
}

const QFI = [0, [0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3]] as const;
const EXT4 = [1080, [0x53, 0xef]] as const;

Deno.test("readDiskHeader() recognises formats, also of a short file", () => {
  assert.deepEqual(readDiskHeader(new Uint8Array()), { format: "raw" });
  assert.deepEqual(readDiskHeader(header(QFI)), { format: "qcow2" });
  assert.deepEqual(readDiskHeader(header(EXT4)), { format: "raw", fileSystem: "ext4" });
  const squashfs = header([0, [0x68, 0x73, 0x71, 0x73]]);
  assert.equal(readDiskHeader(squashfs).fileSystem, "squashfs");
  assert.equal(readDiskHeader(squashfs.subarray(0, 4)).fileSystem, "squashfs");
  assert.equal(readDiskHeader(header([1024, [0xe2, 0xe1, 0xf5, 0xe0]])).fileSystem, "erofs");
});

Deno.test("readDiskHeader() refuses a qcow2 that refers to other files, and an unclean root", () => {
  assert.match(readDiskHeader(header(QFI, [15, [1]])).fact!, /with a backing file/);
  assert.match(readDiskHeader(header(QFI, [79, [4]])).fact!, /data in another file/);
  assert.match(readDiskHeader(header(EXT4, [1024 + 0x60, [4]])).rootFact!, /e2fsck/);
});

const ROOT: RootMount = { device: "/dev/vda", type: "ext4", write: true };
const WORDS: readonly MachineWords[] = [
  { devices: [], root: undefined, workspace: undefined, network: "none" },
  { devices: ["sr0", "vdb"], root: ROOT, workspace: undefined, network: "user" },
  {
    devices: [],
    root: { ...ROOT, type: "auto", write: false },
    workspace: "/dev/w",
    network: "none",
  },
];

Deno.test("readKernelParams() parses the result of toKernelParams()", () => {
  for (const kernelParams of WORDS) {
    assert.deepEqual(
      readKernelParams(["quiet", ...toKernelParams(kernelParams)].join(" ")),
      kernelParams,
    );
  }
  assert.deepEqual(toKernelParams(WORDS[0]!), []);
  assert.deepEqual(readKernelParams("execvm.root=/dev/vda\n").root, { ...ROOT, ...AUTO });
  for (const bad of ["root=vda", "root=/dev/vda,fat", "root=/x,ext4,w", "network=tap"]) {
    assert.throws(() => readKernelParams(`execvm.${bad}`), /^Error: cannot use execvm\./);
  }
});

const AUTO = { type: "auto", write: false } as const;

Deno.test("a plan names devices and root without inspecting the files", () => {
  const { drives, kernelParams } = planAttachments({
    devices: { "/no": "/dev/vdb" },
    root: "/not",
  });
  assert.deepEqual(drives.map(({ file, name }) => [file, name]), [
    ["/no", "vdb"],
    ["/not", "execvm-root"],
  ]);
  assert.deepEqual(kernelParams, [
    "execvm.devices=vdb,execvm-root",
    "execvm.root=/dev/execvm-root,auto",
  ]);
});

const NOTHING = { kernel: "/no/kernel", initrd: "/no/initrd", accel: "tcg" } as const;

for (
  const [name, options, message] of [
    ["device", { devices: { "/no/file": "/dev/vda" } }, /\/no\/file at \/dev\/vda: .*no such file/],
    ["device that is a folder", { devices: { "/": "/dev/vda" } }, /it is a folder/],
    ["root", { root: "/no/root" }, /\/no\/root as the root: there is no such file or folder/],
    [
      "root without a file system",
      { root: "/etc/passwd" },
      /its file system is not one of ext4, squashfs, erofs/,
    ],
    ["root that would lose its changes", { root: "/etc", rootWrite: true }, /would be lost/],
  ] as const
) {
  Deno.test(`a missing or unfit ${name} is refused before QEMU starts`, async () => {
    const run = vm({ ...NOTHING, qemu: "/no/qemu", ...options }).cmd("true").run();
    await assert.rejects(run, { name: "RunnerError", phase: "start", message });
  });
}

Deno.test("--device, repeated, --root and --network are the runner's options", async () => {
  const flags = [
    "--device",
    "/no/a:/dev/vda:rw",
    "--device",
    "/no/b:/dev/sr0",
    "--network",
    "user",
  ];
  const run = await execvm(["run", "-r", "vm", ...flags, "--", "true"]);
  assert.equal(run.code, 125);
  assert.match(run.stderr, /cannot attach \/no\/b at \/dev\/sr0: there is no such file/);
  const twice = ["--device", "/a:/dev/vda", "--device", "/b:/dev/vda"];
  assert.equal((await execvm(["run", "-r", "vm", ...twice, "--", "true"])).code, 2);
  assert.equal((await execvm(["run", "-r", "vm", "--device", "/a", "--", "true"])).code, 2);
});

Deno.test("the options are JSON that makes the same runner again", () => {
  const devices = { "/a": "/dev/vda", "/b": { path: "/dev/vdb", write: true } } as const;
  const { options } = vm({ devices, root: "/r", network: "user" });
  assert.deepEqual(JSON.parse(JSON.stringify(options)), options);
  assert.deepEqual(nestRunner({ type: "vm", ...options }, builderOf).options, options);
});
