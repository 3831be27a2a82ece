import assert from "node:assert/strict";
import { stageKernel } from "../../src/kernels/store.ts";
import type { AccelFacts } from "../../src/qemu/accel.ts";
import {
  checkCache,
  checkForeign,
  checkInitrd,
  checkKernel,
  checkKvm,
  checkMemory,
  checkQemu,
  checkVm,
} from "../../src/vm/checks.ts";
import { bzImage, ownCache } from "../kernels/fixture.ts";
import { tempDir } from "../support/temp_dir.ts";

/** A program that prints a line, like `qemu --version`. */
function program(folder: string, line: string): string {
  const path = `${folder}/${crypto.randomUUID()}`;
  Deno.writeTextFileSync(path, `#!/bin/sh\necho '${line}'\n`, { mode: 0o755 });
  return path;
}

const VERSIONS: readonly [string, "ok" | "warn", RegExp][] = [
  ["QEMU emulator version 6.2.0 (Debian 1:6.2+dfsg-2ubuntu6)", "ok", / 6\.2\.0$/],
  ["QEMU emulator version 10.0.2", "ok", / 10\.0\.2$/],
  ["QEMU emulator version 6.1.99", "warn", /version 6\.1\.99, and 6\.2 is the oldest/],
  ["QEMU emulator version 5.2.0", "warn", /version 5\.2\.0/],
  ["something else", "warn", /is not there, or does not run$/],
];

for (const [line, state, fact] of VERSIONS) {
  Deno.test(`checkQemu() of "${line}" is ${state}`, async () => {
    using folder = tempDir();
    const result = await checkQemu(program(folder.path, line));
    assert.equal(result.state, state);
    assert.match(result.fact, fact);
    assert.equal(result.advice === undefined, state === "ok");
  });
}

Deno.test("checkQemu() tells how to install a missing QEMU", async () => {
  const result = await checkQemu("/nowhere/qemu");
  assert.equal(result.state, "warn");
  assert.match(result.advice ?? "", /^As root, run: apt-get install .*qemu-system-/);
});

const KVM = { arch: "x86_64", device: "opens", cpuFlag: true, module: true } as const;

const CRAWLED = {
  outcome: "crawled",
  kvmMs: 20_000,
  tcgMs: 8000,
  until: "2026-12-01T12:00Z",
} as const;

const ACCEL: readonly [Partial<AccelFacts>, "ok" | "warn", RegExp?][] = [
  [{}, "ok"],
  [{ firstBoot: { outcome: "ready" } }, "ok"],
  [{ firstBoot: CRAWLED }, "warn", /run: rm .*accel\.json$/],
  [{ firstBoot: CRAWLED, isOpenToQemu: false }, "warn", /chmod 0660 \/dev\/kvm$/],
  [{ isOpenToQemu: false }, "warn", /chmod 0660 \/dev\/kvm$/],
  [{ kvm: { ...KVM, device: "forbidden" }, isOpenToQemu: false }, "warn", /usermod -aG kvm/],
];

for (const [change, state, advice] of ACCEL) {
  Deno.test(`checkKvm() of ${JSON.stringify(change)} is ${state}`, () => {
    const result = checkKvm({ kvm: KVM, isOpenToQemu: true, firstBoot: undefined, ...change });
    assert.equal(result.state, state);
    assert.match(result.advice ?? "", advice ?? /^$/);
  });
}

const MEMORY: readonly [string, "ok" | "warn", string][] = [
  ["MemTotal: 9 kB\nMemAvailable:    1048576 kB\n", "ok", "1024 MiB are available"],
  ["MemAvailable:    1048575 kB\n", "warn", "1023 MiB are available"],
  ["", "ok", "how much is available is not known"],
];

for (const [meminfo, state, fact] of MEMORY) {
  Deno.test(`checkMemory() of ${JSON.stringify(meminfo)} is ${state}`, () => {
    const result = checkMemory(meminfo);
    assert.deepEqual([result.state, result.fact], [state, fact]);
  });
}

Deno.test("checkKernel() requires a kernel, and names damaged ones", async () => {
  using cache = ownCache();
  assert.deepEqual(await checkKernel(), {
    state: "warn",
    what: "kernel",
    fact: "none is in the cache",
    advice: "Run execvm kernel fetch",
  });
  using staged = await stageKernel();
  await Deno.writeFile(staged.image, bzImage("6.1.0-test"));
  await staged.commit("fetched");
  assert.deepEqual(await checkKernel(), {
    state: "ok",
    what: "kernel",
    fact: "6.1.0-test, fetched",
  });
  Deno.mkdirSync(`${cache.path}/kernels/damaged`);
  const result = await checkKernel();
  assert.equal(result.state, "warn");
  assert.equal(result.advice, `Run rm -r ${cache.path}/kernels/damaged`);
});

Deno.test("checkForeign() never warns, and reports what guests of the other architecture require", async () => {
  using _cache = ownCache();
  const { state, what, fact } = await checkForeign();
  assert.equal(state, "ok");
  assert.match(what, Deno.build.arch === "x86_64" ? /^guests of aarch64$/ : /^guests of x86_64$/);
  assert.match(
    fact,
    /^none: they require qemu-system-|; no kernel yet: execvm kernel fetch --arch /,
  );
});

Deno.test("checkInitrd() counts complete initrds", () => {
  using cache = ownCache();
  assert.match(checkInitrd().fact, /^none yet/);
  Deno.mkdirSync(`${cache.path}/initrds`);
  for (const name of ["a.cpio", ".b.part", ".c.cpio"]) {
    Deno.writeTextFileSync(`${cache.path}/initrds/${name}`, "");
  }
  assert.deepEqual(checkInitrd(), { state: "ok", what: "initrd", fact: "1 in the cache" });
});

Deno.test("checkCache() tries the closest existing folder, and leaves nothing", () => {
  using cache = ownCache();
  assert.equal(checkCache().state, "ok");
  Deno.env.set("EXECVM_CACHE", `${cache.path}/not/yet`);
  assert.equal(checkCache().state, "ok");
  assert.deepEqual(Array.from(Deno.readDirSync(cache.path)), []);
  Deno.writeTextFileSync(`${cache.path}/file`, "");
  for (const folder of [`${cache.path}/file`, "/proc/execvm"]) {
    Deno.env.set("EXECVM_CACHE", folder);
    const result = checkCache();
    assert.equal(result.state, "warn", folder);
    assert.match(
      result.fact,
      /cannot be written to.*: (a part of its path is not a folder|there is no|[^(]*$)/,
    );
    assert.match(result.advice ?? "", /EXECVM_CACHE/);
  }
});

Deno.test("checks of virtual machines never fail", async () => {
  const results = await checkVm();
  const expected = [
    "QEMU",
    "KVM",
    "memory",
    "cache",
    "kernel",
    "guests",
    "initrd",
    "images",
    "cgroup",
  ];
  assert.deepEqual(results.map(({ what }) => what.split(" ")[0]), expected);
  assert.ok(results.every(({ state }) => state !== "fail"));
  for (const { state, advice } of results) assert.equal(state !== "ok", advice !== undefined);
});
