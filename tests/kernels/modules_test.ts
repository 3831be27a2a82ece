import assert from "node:assert/strict";
import { moduleName, readModuleNeeds } from "../../src/kernels/modinfo.ts";
import { copyModules, loadOrder } from "../../src/kernels/modules.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";
import { moduleElf } from "./fixture.ts";

/** Makes the arguments of `loadOrder` from `name: "dependency,dependency wish"`. */
function toNeeds(table: Record<string, string>) {
  const list = (words = "") => words.split(",").filter(Boolean);
  return new Map(
    Object.entries(table).map(([name, text]) => {
      const [depends, wishes] = text.split(" ");
      return [name, { depends: list(depends), wishes: list(wishes) }];
    }),
  );
}

Deno.test("loadOrder() puts each module once, after those that it needs", () => {
  const rows: [Record<string, string>, string[], string][] = [
    [{}, [], ""],
    [{ a: "" }, ["a"], "a"],
    [{ a: "b", b: "c", c: "" }, ["a"], "c b a"],
    [{ a: "c", b: "c", c: "" }, ["b", "a"], "c b a"],
    [{ a: "b,c", b: "d", c: "d", d: "" }, ["a"], "d b c a"],
    [{ a: "core" }, ["a"], "a"], // core is built in
    [{ a: " w", w: "" }, ["a"], "w a"],
    [{ a: " w" }, ["a"], "a"], // a missing wish
    [{ a: " b", b: " b,c", c: " a" }, ["a"], "c b a"], // a wish in a cycle is ignored
    [{ a: " b", b: "c", c: "a" }, ["a", "b"], "a c b"],
  ];
  for (const [table, wanted, order] of rows) {
    assert.equal(loadOrder(wanted, toNeeds(table), new Set(["core"])).join(" "), order);
  }
});

Deno.test("loadOrder() refuses modules that cannot be loaded", () => {
  const none = new Set<string>();
  assert.throws(() => loadOrder(["a"], toNeeds({ a: "b" }), none), {
    message: "cannot load a: there is no b",
  });
  assert.throws(() => loadOrder(["a"], toNeeds({ a: "b", b: "a" }), none), {
    message: "cannot load a: it depends on itself: a -> b -> a",
  });
});

Deno.test("readModuleNeeds() reads depends and softdep, treating - as _", () => {
  const elf = moduleElf([
    "license=GPL",
    "softdep=pre: crc32c-intel post: late",
    "depends=virtio-ring,failover",
    "name=virtio_net",
    "parm=x:depends=nothing",
  ]);
  assert.deepEqual(readModuleNeeds(elf), {
    depends: ["virtio_ring", "failover"],
    wishes: ["crc32c_intel", "late"],
  });
  assert.deepEqual(readModuleNeeds(moduleElf(["depends="])), { depends: [], wishes: [] });
});

Deno.test("readModuleNeeds() refuses a truncated module, whatever its length", () => {
  const elf = moduleElf(["depends=a"]);
  assert.throws(() => readModuleNeeds(new Uint8Array()), /not a 64-bit ELF file/);
  assert.throws(() => readModuleNeeds(new Uint8Array(1000)), /not a 64-bit ELF file/);
  for (let length = 0; length < elf.length - 64; length++) {
    assert.throws(
      () => readModuleNeeds(elf.subarray(0, length)),
      /^Error: it is not a kernel module/,
    );
  }
});

Deno.test("moduleName() is the name without folder, extension and dashes", () => {
  for (
    const file of ["virtio-rng", "a/b/virtio-rng.ko", "virtio_rng.ko.xz", "x/virtio-rng.ko.zst"]
  ) {
    assert.equal(moduleName(file), "virtio_rng");
  }
});

Deno.test({
  ...needs("copyModules() copies the wanted modules, decompressed", "xz", "zstd", "gzip"),
  async fn() {
    using folder = tempDir();
    const [source, target] = [`${folder.path}/source`, `${folder.path}/target`];
    Deno.mkdirSync(`${source}/kernel/deep`, { recursive: true });
    Deno.mkdirSync(target);
    Deno.writeTextFileSync(
      `${source}/modules.builtin`,
      "kernel/fs/ext4.ko\nkernel/lib/core-x.ko\n",
    );
    const infos = {
      "a.ko": ["depends=b-b,core_x"],
      "deep/b-b.ko": ["depends=c", "softdep=pre: d"],
      "c.ko": ["depends="],
      "d.ko": ["depends="],
      "other.ko": ["depends="],
    };
    for (const [name, info] of Object.entries(infos)) {
      Deno.writeFileSync(`${source}/kernel/${name}`, moduleElf(info));
    }
    for (const [program, name] of [["xz", "deep/b-b.ko"], ["zstd", "c.ko"], ["gzip", "d.ko"]]) {
      const args = [...(program === "zstd" ? ["--rm"] : []), "-q", `${source}/kernel/${name}`];
      assert.ok((await new Deno.Command(program!, { args }).output()).success);
    }
    const config = "CONFIG_UNIX=y\nCONFIG_UNIX_DIAG=m\nCONFIG_C=m\n# CONFIG_PACKET is not set\n";
    const wanted = {
      ext4: "EXT4_FS",
      a: "A",
      nowhere: "NOWHERE",
      c: "C",
      unix: "UNIX", // built in, and never a module: modules.builtin does not have it
      unix_diag: "UNIX_DIAG", // it is in another package
      af_packet: "PACKET",
    };
    const modules = ["c.ko", "d.ko", "b_b.ko", "a.ko"];
    assert.deepEqual(await copyModules({ folder: source, config }, target, wanted), {
      modules,
      missing: ["nowhere", "unix_diag", "af_packet"],
    });
    assert.deepEqual(await copyModules({ folder: source, config: undefined }, target, wanted), {
      modules,
      missing: ["nowhere", "unix", "unix_diag", "af_packet"],
    });
    assert.deepEqual([...Deno.readDirSync(target)].map(({ name }) => name).sort(), [
      "a.ko",
      "b_b.ko",
      "c.ko",
      "d.ko",
    ]);
    assert.deepEqual(Deno.readFileSync(`${target}/b_b.ko`), moduleElf(infos["deep/b-b.ko"]));
  },
});
