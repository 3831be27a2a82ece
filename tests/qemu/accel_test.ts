// Which accelerator is chosen, and when execvm falls back to another.

import assert from "node:assert/strict";
import { vm } from "../../mod.ts";
import { TimeLimitError } from "../../src/host/time_limit.ts";
import { MachineError } from "../../src/machine/machine_error.ts";
import { type AccelFacts, decideAccel } from "../../src/qemu/accel.ts";
import {
  memoryPath,
  type Outcome,
  readFirstBoot,
  rememberFirstBoot,
} from "../../src/qemu/accel_host.ts";
import { type AccelHost, bootAccelerated } from "../../src/vm/accel_boot.ts";
import { ownCache } from "../kernels/fixture.ts";

const GOOD: AccelFacts = {
  kvm: { arch: "x86_64", device: "opens", cpuFlag: true, module: true },
  isOpenToQemu: true,
  firstBoot: undefined,
};

const READY = { outcome: "ready" } as const;
const CRAWLED = {
  outcome: "crawled",
  kvmMs: 20_000,
  tcgMs: 8130,
  until: "2026-12-01T10:20Z",
} as const;

function facts(kvm: Partial<AccelFacts["kvm"]>, rest: Partial<AccelFacts> = {}): AccelFacts {
  return { ...GOOD, ...rest, kvm: { ...GOOD.kvm, ...kvm } };
}

for (
  const [name, given, why] of [
    ["all is there", facts({}), undefined],
    ["a first boot was ready", facts({}, { firstBoot: READY }), undefined],
    ["arm64 shows no flags", facts({ arch: "aarch64", cpuFlag: false, module: false }), undefined],
    ["there is no device", facts({ device: "absent" }), /no \/dev\/kvm/],
    ["the device is forbidden", facts({ device: "forbidden" }), /may not open/],
    ["the device is broken", facts({ device: "broken" }), /cannot be opened/],
    ["the processor has no flag", facts({ cpuFlag: false }), /neither vmx/],
    ["the module is missing", facts({ module: false }), /neither kvm_intel/],
    ["QEMU's user may not open it", facts({}, { isOpenToQemu: false }), /mode 0660/],
  ] as const
) {
  Deno.test(`decideAccel() when ${name}`, () => {
    const { accel, why: reason } = decideAccel("auto", given);
    assert.equal(accel, why === undefined ? "kvm" : "tcg");
    if (why === undefined) assert.equal(reason, undefined);
    else assert.match(reason!, why);
    if (why === undefined) assert.deepEqual(decideAccel("kvm", given), { accel: "kvm" });
    else assert.throws(() => decideAccel("kvm", given), why);
    assert.deepEqual(decideAccel("tcg", given), { accel: "tcg" });
  });
}

Deno.test("decideAccel() chooses TCG for a guest of another architecture, without an explanation", () => {
  for (const [host, guest] of [["x86_64", "aarch64"], ["aarch64", "x86_64"]] as const) {
    const given = facts({ arch: host });
    assert.deepEqual(decideAccel("auto", given, guest), { accel: "tcg" });
    assert.throws(
      () => decideAccel("kvm", given, guest),
      { message: `cannot use KVM: a processor of ${host} cannot run a guest of ${guest}` },
    );
    assert.deepEqual(decideAccel("auto", given, host), { accel: "kvm" });
  }
});

Deno.test("decideAccel() chooses TCG where a first boot crawled, unless KVM is required", () => {
  const given = facts({}, { firstBoot: CRAWLED });
  assert.deepEqual(decideAccel("auto", given), {
    accel: "tcg",
    why: "a first boot with KVM was not ready in 20 s, an emulated one was ready in 8.1 s; " +
      "KVM is tried again from 2026-12-01T10:20Z",
    isRemembered: true,
  });
  assert.deepEqual(decideAccel("kvm", given), { accel: "kvm" });
});

/** A host that records what happens, and whose clock is set by the test. */
function logged(given: AccelFacts) {
  const log: string[] = [];
  const clock = { ms: 0 };
  const host: AccelHost = {
    readFacts: () => given,
    remember: (_qemu, outcome) => void log.push(`remember ${Object.values(outcome).join(" ")}`),
    explain: (line) => void log.push(line),
    now: () => clock.ms,
  };
  return { host, log, clock };
}

const QEMU = "qemu-system-x86_64";

const LATE = new MachineError("late", "boot", [], "", new TimeLimitError("late"));
const REFUSED = new MachineError(
  "x",
  "start",
  [],
  "qemu: failed to initialize kvm: Permission denied",
);
const PANIC = new MachineError("the guest panicked", "boot", [], "Kernel panic");

Deno.test("bootAccelerated() adds to an error of an emulated machine why it is emulated", async () => {
  const { host } = logged(facts({ device: "absent" }));
  const boot = () => Promise.reject(PANIC);
  const error = await bootAccelerated({ wanted: "auto", qemu: QEMU, limitMs: 1000 }, boot, host)
    .then(() => assert.fail("it booted"), (reason) => reason);
  assert.match(error.consoleTail, /^execvm: .*no \/dev\/kvm\nKernel panic$/);
  assert.equal(error.message, PANIC.message);
});

Deno.test("vm() refuses an unknown accelerator", () => {
  assert.throws(
    () => vm({ accel: "hvf" as "kvm" }),
    /cannot use the accelerator "hvf": it is not auto, kvm or tcg$/,
  );
});

interface Boots {
  /** How a boot with KVM fails. @default it succeeds */
  readonly kvmFails?: MachineError;
  /** How long an emulated one takes. @default 1000 */
  readonly tcgMs?: number;
  readonly tcgFails?: MachineError;
  /** @default 60 s */
  readonly limitMs?: number;
}

async function bootOn(given: AccelFacts, wanted: "auto" | "kvm" | "tcg", how: Boots = {}) {
  const { kvmFails, tcgFails, tcgMs = 1000, limitMs = 60_000 } = how;
  const { host, log, clock } = logged(given);
  const boots: string[] = [];
  const boot = (accel: string, limitMs: number) => {
    boots.push(`${accel} ${limitMs}`);
    if (accel === "tcg") clock.ms += tcgMs;
    const failure = accel === "kvm" ? kvmFails : tcgFails;
    return failure === undefined ? Promise.resolve() : Promise.reject(failure);
  };
  const error = await bootAccelerated({ wanted, qemu: QEMU, limitMs }, boot, host)
    .then(() => undefined, (reason) => reason);
  return { boots, log, error };
}

Deno.test("bootAccelerated() watches the first boot with KVM and remembers that it was ready", async () => {
  const { boots, log } = await bootOn(GOOD, "auto");
  assert.deepEqual([boots, log], [["kvm 20000"], ["remember ready"]]);
  const again = await bootOn({ ...GOOD, firstBoot: READY }, "auto");
  assert.deepEqual([again.boots, again.log], [["kvm 60000"], []]);
});

for (const [limitMs, kvmMs] of [[500_000, 166_666], [15_000, 10_000], [4000, 4000]] as const) {
  Deno.test(`bootAccelerated() gives the first boot with KVM ${kvmMs} ms of ${limitMs}`, async () => {
    const { boots } = await bootOn(GOOD, "auto", { kvmFails: LATE, limitMs });
    assert.deepEqual(boots, [`kvm ${kvmMs}`, `tcg ${limitMs}`]);
  });
}

Deno.test("bootAccelerated() boots with TCG when KVM crawls, and names the file to remove", async () => {
  const { boots, log, error } = await bootOn(GOOD, "auto", { kvmFails: LATE });
  assert.equal(error, undefined);
  assert.deepEqual(boots, ["kvm 20000", "tcg 60000"]);
  assert.match(
    log[0]!,
    /^execvm: .*software emulation, which is slow: .* not ready in 20 s; KVM is not used for a day if emulation is faster \(to try it again: rm \/.*accel\.json\)$/,
  );
});

Deno.test("bootAccelerated() remembers that KVM crawled if emulation was faster, else that it was late", async () => {
  const remembered = async (how: Boots) => {
    const { log } = await bootOn(GOOD, "auto", { kvmFails: LATE, ...how });
    return log.filter((line) => line.startsWith("remember "));
  };
  assert.deepEqual(await remembered({ tcgMs: 19_999 }), ["remember crawled 20000 19999"]);
  assert.deepEqual(await remembered({ tcgMs: 20_000 }), ["remember late"]);
  assert.deepEqual(await remembered({ tcgFails: LATE }), ["remember late"]);
  assert.deepEqual(await remembered({ tcgFails: PANIC }), ["remember late"]);
});

Deno.test("bootAccelerated() gives KVM the whole time limit after it was late and emulation not faster", async () => {
  const given = facts({}, { firstBoot: { outcome: "late" } });
  const ready = await bootOn(given, "auto");
  assert.deepEqual([ready.boots, ready.log], [["kvm 60000"], ["remember ready"]]);
  const late = await bootOn(given, "auto", { kvmFails: LATE, tcgMs: 21_000 });
  assert.deepEqual(late.boots, ["kvm 60000", "tcg 60000"]);
  assert.equal(late.log.at(-1), "remember crawled 60000 21000");
});

Deno.test("bootAccelerated() names the file to remove on each run while KVM is remembered to crawl", async () => {
  const { boots, log } = await bootOn({ ...GOOD, firstBoot: CRAWLED }, "auto");
  assert.deepEqual(boots, ["tcg 60000"]);
  assert.match(log.join("\n"), /tried again from 2026-12-01T10:20Z, or after rm \/.*accel\.json$/);
});

Deno.test("the file to remove is not named if something else keeps KVM from being used", async () => {
  const { log } = await bootOn(facts({ device: "absent" }, { firstBoot: CRAWLED }), "auto");
  assert.match(log.join("\n"), /: there is no \/dev\/kvm$/);
});

const TIMES = { outcome: "crawled", kvmMs: 20_000, tcgMs: 8130 } as const;
const NOON = Date.parse("2026-11-30T12:00:00Z");
const DAY_MS = 24 * 60 * 60 * 1000;

for (const outcome of [READY, TIMES] as const satisfies readonly Outcome[]) {
  Deno.test(`a first boot that was ${outcome.outcome} is remembered for a day`, () => {
    using _cache = ownCache();
    rememberFirstBoot(QEMU, outcome, NOON);
    const until = outcome === READY ? {} : { until: "2026-12-01T12:00Z" };
    assert.deepEqual(readFirstBoot(QEMU, NOON + DAY_MS - 1), { ...outcome, ...until });
    assert.equal(readFirstBoot(QEMU, NOON + DAY_MS), undefined);
    assert.equal(readFirstBoot(QEMU, NOON - 1), undefined); // the clock was set
  });
}

Deno.test("a result that cannot be remembered leaves nothing in the cache", () => {
  using cache = ownCache();
  Deno.mkdirSync(memoryPath()); // a file cannot be renamed to a folder
  rememberFirstBoot(QEMU, TIMES, NOON);
  assert.deepEqual([...Deno.readDirSync(cache.path)].map(({ name }) => name), ["accel.json"]);
});

Deno.test("a late boot with KVM is remembered for a day in the process, and not in the cache", () => {
  using cache = ownCache();
  rememberFirstBoot(QEMU, { outcome: "late" }, NOON);
  assert.deepEqual(readFirstBoot(QEMU, NOON + DAY_MS - 1), { outcome: "late" });
  assert.equal(readFirstBoot(QEMU, NOON + DAY_MS), undefined);
  assert.equal(readFirstBoot("/other/qemu", NOON), undefined);
  assert.deepEqual([...Deno.readDirSync(cache.path)], []);
  rememberFirstBoot(QEMU, READY, NOON + 1);
  assert.deepEqual(readFirstBoot(QEMU, NOON + 1), READY);
  Deno.removeSync(memoryPath());
  assert.equal(readFirstBoot(QEMU, NOON + 1), undefined);
});

Deno.test("a result that cannot be cached is remembered in the process", () => {
  using _cache = ownCache();
  Deno.mkdirSync(memoryPath());
  rememberFirstBoot(QEMU, TIMES, NOON);
  assert.equal(readFirstBoot(QEMU, NOON)?.outcome, "crawled");
  rememberFirstBoot(QEMU, READY, NOON);
  assert.deepEqual(readFirstBoot(QEMU, NOON), READY);
  assert.equal(readFirstBoot(QEMU, NOON + DAY_MS), undefined);
});

Deno.test("a first boot is remembered for one QEMU program in one version", () => {
  using cache = ownCache();
  const [one, other] = ["one", "other"].map((name) => `${cache.path}/${name}`);
  Deno.writeTextFileSync(one!, "1");
  rememberFirstBoot(one!, TIMES, NOON);
  rememberFirstBoot(other!, READY, NOON + 1);
  assert.equal(readFirstBoot(one!, NOON + 1)?.outcome, "crawled");
  assert.equal(readFirstBoot(other!, NOON + 1)?.outcome, "ready");
  Deno.writeTextFileSync(one!, "another version");
  assert.equal(readFirstBoot(one!, NOON + 1), undefined);
});

Deno.test("expired entries are removed when a new one is remembered", () => {
  using _cache = ownCache();
  rememberFirstBoot("/old/qemu", TIMES, NOON);
  rememberFirstBoot("/new/qemu", TIMES, NOON + DAY_MS);
  const keys = Object.keys(JSON.parse(Deno.readTextFileSync(memoryPath())));
  assert.equal(keys.length, 1);
  assert.match(keys[0]!, / \/new\/qemu$/);
});

Deno.test("entries of an older execvm, or of another program, are ignored", () => {
  using _cache = ownCache();
  rememberFirstBoot(QEMU, TIMES, NOON);
  const [key, entry] = Object.entries(JSON.parse(Deno.readTextFileSync(memoryPath())))[0]!;
  const entries = [{ at: "noon" }, { outcome: "late" }, { kvmMs: -1 }, { tcgMs: -1 }]
    .map((part) => ({ ...entry as object, ...part }));
  for (const value of ["crawled", null, {}, ...entries]) {
    Deno.writeTextFileSync(memoryPath(), JSON.stringify({ [key]: value }));
    assert.equal(readFirstBoot(QEMU, NOON), undefined);
  }
  Deno.writeTextFileSync(memoryPath(), "{");
  assert.equal(readFirstBoot(QEMU, NOON), undefined);
});

Deno.test("bootAccelerated() boots with TCG when QEMU refuses KVM, and does not remember that", async () => {
  const { boots, log, error } = await bootOn(GOOD, "auto", { kvmFails: REFUSED });
  assert.equal(error, undefined);
  assert.deepEqual(boots, ["kvm 20000", "tcg 60000"]);
  assert.match(log.join("\n"), /^execvm: .*: QEMU cannot use KVM$/);
});

Deno.test("bootAccelerated() does not fall back for a guest that panics", async () => {
  const { boots, error } = await bootOn(GOOD, "auto", { kvmFails: PANIC });
  assert.deepEqual(boots, ["kvm 20000"]);
  assert.equal(error, PANIC);
});

Deno.test("bootAccelerated() does not watch the boot of a guest of another architecture", async () => {
  const { host, log } = logged(GOOD);
  const boots: string[] = [];
  const wanted = { wanted: "auto", qemu: QEMU, limitMs: 60_000, arch: "aarch64" } as const;
  await bootAccelerated(wanted, (accel, limitMs) => {
    boots.push(`${accel} ${limitMs}`);
    return Promise.resolve();
  }, host);
  assert.deepEqual([boots, log], [["tcg 60000"], []]);
});

Deno.test("bootAccelerated() does not watch the boot when KVM is required", async () => {
  const { boots, log, error } = await bootOn(GOOD, "kvm", { kvmFails: LATE });
  assert.deepEqual([boots, log, error], [["kvm 60000"], [], LATE]);
});

Deno.test("bootAccelerated() starts nothing when KVM is required and cannot be used", async () => {
  const { boots, error } = await bootOn(facts({ device: "absent" }), "kvm");
  assert.deepEqual(boots, []);
  assert.ok(error instanceof MachineError);
  assert.match(error.message, /cannot use KVM: there is no \/dev\/kvm/);
});

Deno.test("bootAccelerated() explains TCG only if it was not asked for", async () => {
  const wanted = await bootOn(facts({ device: "absent" }), "tcg");
  assert.deepEqual([wanted.boots, wanted.log], [["tcg 60000"], []]);
  const fallen = await bootOn(facts({ device: "absent" }), "auto");
  assert.deepEqual(fallen.boots, ["tcg 60000"]);
  assert.equal(fallen.log.length, 1);
});
