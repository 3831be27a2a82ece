import assert from "node:assert/strict";
import { templateKey, type TemplateMachine } from "../../src/vm/template_key.ts";
import { ownCache } from "../kernels/fixture.ts";
import { tempDir } from "../support/temp_dir.ts";

const MACHINE: TemplateMachine = {
  qemu: "/no/qemu",
  machine: "q35",
  accel: "tcg",
  cpus: 1,
  memoryMib: 512,
  kernel: "/no/kernel",
  initrd: "/no/initrd",
  append: "console=ttyS0",
  drives: [],
  network: "none",
};

const DISK = { name: "vda", media: "disk", write: false } as const;
const CDROM = { name: "sr0", media: "cdrom", write: false } as const;

const DIFFERENT: Readonly<Record<string, Partial<TemplateMachine>>> = {
  "another architecture": { arch: Deno.build.arch === "x86_64" ? "aarch64" : "x86_64" },
  "another QEMU": { qemu: "/no/other" },
  "another machine type": { machine: "pc" },
  "another accelerator": { accel: "kvm" },
  "more processors": { cpus: 2 },
  "more memory": { memoryMib: 513 },
  "another kernel": { kernel: "/no/other" },
  "another initrd": { initrd: "/no/other" },
  "kernel and initrd exchanged": { kernel: "/no/initrd", initrd: "/no/kernel" },
  "other words for the kernel": { append: "console=ttyS0 quiet" },
  "a disk": { drives: [DISK] },
  "a disk of another name": { drives: [{ ...DISK, name: "vdb" }] },
  "a disk that may be written": { drives: [{ ...DISK, write: true }] },
  "a cdrom": { drives: [CDROM] },
  "a disk, then a cdrom": { drives: [DISK, CDROM] },
  "a cdrom, then a disk": { drives: [CDROM, DISK] },
  "a network": { network: "user" },
};

/** The files of a machine, in `folder`. */
function filesIn(folder: string): Pick<TemplateMachine, "qemu" | "kernel" | "initrd"> {
  const files = {
    qemu: `${folder}/qemu-system`,
    kernel: `${folder}/vmlinuz`,
    initrd: `${folder}/initrd`,
  };
  for (const path of Object.values(files)) Deno.writeTextFileSync(path, "content");
  return files;
}

Deno.test("templateKey() differs for machines that differ in anything", () => {
  const keys = [{}, ...Object.values(DIFFERENT)].map((part) =>
    templateKey({ ...MACHINE, ...part })
  );
  for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/);
  const names = ["the first", ...Object.keys(DIFFERENT)];
  const same = keys.flatMap((key, index) =>
    keys.indexOf(key) === index ? [] : [`${names[index]}: as ${names[keys.indexOf(key)]}`]
  );
  assert.deepEqual(same, []);
});

Deno.test("templateKey() does not depend on the order of options, or on the files of drives", () => {
  const drives = [{ ...DISK, file: "/a", format: "raw" }];
  const others = [{ ...DISK, file: "/b", format: "qcow2" }];
  const reversed = Object.fromEntries(
    Object.entries(MACHINE).reverse(),
  ) as unknown as typeof MACHINE;
  assert.equal(templateKey({ ...MACHINE, drives }), templateKey({ ...reversed, drives: others }));
});

for (const name of ["qemu", "kernel", "initrd"] as const) {
  Deno.test(`templateKey() changes when ${name} is written to or replaced, even with the same bytes`, () => {
    using folder = tempDir();
    using _cache = ownCache();
    const machine = { ...MACHINE, ...filesIn(folder.path) };
    const path = machine[name];
    const keys = [templateKey(machine)];
    Deno.writeTextFileSync(path, "other content");
    keys.push(templateKey(machine));
    Deno.writeTextFileSync(path, "content");
    Deno.utimeSync(path, 1, 1);
    keys.push(templateKey(machine));
    Deno.copyFileSync(path, `${folder.path}/new`);
    Deno.utimeSync(`${folder.path}/new`, 1, 1);
    Deno.renameSync(`${folder.path}/new`, path);
    keys.push(templateKey(machine));
    Deno.removeSync(path);
    keys.push(templateKey(machine));
    assert.equal(new Set(keys).size, keys.length);
  });
}

Deno.test("templateKey() ignores the times of cached kernels and initrds, and of no other file", () => {
  using cache = ownCache();
  for (
    const [folder, isNamed] of [["kernels", true], ["initrds", true], ["mine", false]] as const
  ) {
    const path = `${cache.path}/${folder}`;
    Deno.mkdirSync(path);
    const machine = { ...MACHINE, ...filesIn(path), qemu: "/no/qemu" };
    const before = templateKey(machine);
    Deno.utimeSync(machine.kernel, 1, 1);
    Deno.utimeSync(machine.initrd, 1, 1);
    assert.equal(templateKey(machine) === before, isNamed, folder);
    Deno.truncateSync(machine.initrd, 3);
    assert.notEqual(templateKey(machine), before);
  }
});

Deno.test("templateKey() finds QEMU in PATH, and follows links", () => {
  using folder = tempDir();
  const before = Deno.env.get("PATH")!;
  const { qemu } = filesIn(folder.path);
  Deno.chmodSync(qemu, 0o755);
  Deno.mkdirSync(`${folder.path}/first`);
  const keyOf = (qemu: string) => templateKey({ ...MACHINE, qemu });
  try {
    Deno.env.set("PATH", `${folder.path}/first:${folder.path}`);
    const found = keyOf("qemu-system");
    assert.equal(found, keyOf(qemu));
    Deno.symlinkSync(qemu, `${folder.path}/first/qemu-system`);
    const linked = keyOf("qemu-system");
    assert.notEqual(linked, found);
    Deno.writeTextFileSync(qemu, "an upgrade");
    assert.notEqual(keyOf("qemu-system"), linked);
  } finally {
    Deno.env.set("PATH", before);
  }
});
