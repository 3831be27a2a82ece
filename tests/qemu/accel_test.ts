// Which accelerator is taken, and when it is given up.

import assert from "node:assert/strict";
import { vm } from "../../mod.ts";
import { TimeLimitError } from "../../src/host/time_limit.ts";
import { MachineError } from "../../src/machine/machine_error.ts";
import { type AccelFacts, decideAccel } from "../../src/qemu/accel.ts";
import { type AccelHost, bootAccelerated } from "../../src/vm/accel_boot.ts";

const GOOD: AccelFacts = {
  kvm: { arch: "x86_64", device: "opens", cpuFlag: true, module: true },
  isOpenToQemu: true,
  firstBoot: undefined,
};

function facts(kvm: Partial<AccelFacts["kvm"]>, rest: Partial<AccelFacts> = {}): AccelFacts {
  return { ...GOOD, ...rest, kvm: { ...GOOD.kvm, ...kvm } };
}

for (
  const [name, given, why] of [
    ["all is there", facts({}), undefined],
    ["a first boot was ready", facts({}, { firstBoot: "ready" }), undefined],
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

Deno.test("decideAccel() takes TCG for a guest of another architecture, and has nothing to explain", () => {
  for (const [host, guest] of [["x86_64", "aarch64"], ["aarch64", "x86_64"]] as const) {
    const given = facts({ arch: host });
    assert.deepEqual(decideAccel("auto", given, guest), { accel: "tcg" });
    assert.throws(
      () => decideAccel("kvm", given, guest),
      { message: `Cannot use KVM as a processor of ${host} runs no guest of ${guest}` },
    );
    assert.deepEqual(decideAccel("auto", given, host), { accel: "kvm" });
  }
});

Deno.test("decideAccel() takes TCG where a first boot crawled, unless KVM is insisted on", () => {
  const given = facts({}, { firstBoot: "crawled" });
  assert.match(decideAccel("auto", given).why!, /first boot/);
  assert.deepEqual(decideAccel("kvm", given), { accel: "kvm" });
});

/** A host that writes down what happens. */
function logged(given: AccelFacts): { host: AccelHost; log: string[] } {
  const log: string[] = [];
  const host = {
    readFacts: () => given,
    remember: (outcome: string) => void log.push(`remember ${outcome}`),
    explain: (line: string) => void log.push(line),
  };
  return { host, log };
}

const LATE = new MachineError("late", "boot", [], "", new TimeLimitError("late"));
const REFUSED = new MachineError(
  "x",
  "start",
  [],
  "qemu: failed to initialize kvm: Permission denied",
);
const PANIC = new MachineError("the guest panicked", "boot", [], "Kernel panic");

Deno.test("bootAccelerated() notes in an error of the emulated machine why it is emulated", async () => {
  const { host } = logged(facts({ device: "absent" }));
  const boot = () => Promise.reject(PANIC);
  const error = await bootAccelerated({ wanted: "auto", limitMs: 1000 }, boot, host)
    .then(() => assert.fail("it booted"), (reason) => reason);
  assert.match(error.consoleTail, /^execvm: .*no \/dev\/kvm\nKernel panic$/);
  assert.equal(error.message, PANIC.message);
});

Deno.test("vm() refuses an accelerator that there is not", () => {
  assert.throws(
    () => vm({ accel: "hvf" as "kvm" }),
    /Cannot use the accelerator "hvf" as it is none/,
  );
});

async function bootOn(given: AccelFacts, wanted: "auto" | "kvm" | "tcg", kvmFails?: MachineError) {
  const { host, log } = logged(given);
  const boots: string[] = [];
  const boot = (accel: string, limitMs: number) => {
    boots.push(`${accel} ${limitMs}`);
    return accel === "kvm" && kvmFails !== undefined ? Promise.reject(kvmFails) : Promise.resolve();
  };
  const error = await bootAccelerated({ wanted, limitMs: 60_000 }, boot, host)
    .then(() => undefined, (reason) => reason);
  return { boots, log, error };
}

Deno.test("bootAccelerated() gives the first boot with KVM 10 s and remembers that it was ready", async () => {
  const { boots, log } = await bootOn(GOOD, "auto");
  assert.deepEqual([boots, log], [["kvm 10000"], ["remember ready"]]);
  const again = await bootOn({ ...GOOD, firstBoot: "ready" }, "auto");
  assert.deepEqual([again.boots, again.log], [["kvm 60000"], []]);
});

Deno.test("bootAccelerated() boots with TCG when KVM crawls, says so and remembers it", async () => {
  const { boots, log, error } = await bootOn(GOOD, "auto", LATE);
  assert.equal(error, undefined);
  assert.deepEqual(boots, ["kvm 10000", "tcg 60000"]);
  assert.equal(log[0], "remember crawled");
  assert.match(
    log[1]!,
    /^execvm: .*software emulation, which is slow: a first boot .*remove .*accel\.json/,
  );
  assert.equal(log.length, 2);
});

Deno.test("bootAccelerated() boots with TCG when QEMU refuses KVM, which it does not remember", async () => {
  const { boots, log, error } = await bootOn(GOOD, "auto", REFUSED);
  assert.equal(error, undefined);
  assert.deepEqual(boots, ["kvm 10000", "tcg 60000"]);
  assert.match(log.join("\n"), /^execvm: .*: QEMU cannot use KVM$/);
});

Deno.test("bootAccelerated() blames no accelerator for a guest that panics", async () => {
  const { boots, error } = await bootOn(GOOD, "auto", PANIC);
  assert.deepEqual(boots, ["kvm 10000"]);
  assert.equal(error, PANIC);
});

Deno.test("bootAccelerated() does not watch the boot of a guest of another architecture", async () => {
  const { host, log } = logged(GOOD);
  const boots: string[] = [];
  const wanted = { wanted: "auto", limitMs: 60_000, arch: "aarch64" } as const;
  await bootAccelerated(wanted, (accel, limitMs) => {
    boots.push(`${accel} ${limitMs}`);
    return Promise.resolve();
  }, host);
  assert.deepEqual([boots, log], [["tcg 60000"], []]);
});

Deno.test("bootAccelerated() does not watch when KVM is insisted on", async () => {
  const { boots, log, error } = await bootOn(GOOD, "kvm", LATE);
  assert.deepEqual([boots, log, error], [["kvm 60000"], [], LATE]);
});

Deno.test("bootAccelerated() starts nothing when KVM is insisted on and there is none", async () => {
  const { boots, error } = await bootOn(facts({ device: "absent" }), "kvm");
  assert.deepEqual(boots, []);
  assert.ok(error instanceof MachineError);
  assert.match(error.message, /Cannot use KVM as there is no \/dev\/kvm/);
});

Deno.test("bootAccelerated() is quiet about TCG when that is wanted, and explains it when not", async () => {
  const wanted = await bootOn(facts({ device: "absent" }), "tcg");
  assert.deepEqual([wanted.boots, wanted.log], [["tcg 60000"], []]);
  const fallen = await bootOn(facts({ device: "absent" }), "auto");
  assert.deepEqual(fallen.boots, ["tcg 60000"]);
  assert.equal(fallen.log.length, 1);
});
