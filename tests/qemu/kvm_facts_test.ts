import assert from "node:assert/strict";
import { kvmCheckResult, type KvmFacts, readKvmFacts } from "../../src/qemu/kvm_facts.ts";

const USABLE: KvmFacts = { arch: "x86_64", device: "opens", cpuFlag: true, module: true };

const ROWS: readonly [Partial<KvmFacts>, RegExp, RegExp?][] = [
  [{}, /^\/dev\/kvm can be used$/],
  [{ device: "absent" }, /^there is no \/dev\/kvm;/, /modprobe/],
  [{ device: "absent", cpuFlag: false, module: false }, /^there is no \/dev\/kvm;/, /firmware/],
  [{ device: "forbidden" }, /may not open it;/, /usermod -aG kvm/],
  [{ device: "broken" }, /cannot be opened;/, /firmware/],
  [{ cpuFlag: false }, /does not work, as the processor has neither vmx/, /nested virtualization/],
  [{ module: false }, /does not work, as neither kvm_intel nor kvm_amd is loaded/, /nested/],
  [{ cpuFlag: false, module: false }, /does not work, as the processor/, /nested/],
  [{ arch: "aarch64", cpuFlag: false, module: false }, /^\/dev\/kvm can be used$/],
  [{ arch: "aarch64", device: "absent" }, /^there is no \/dev\/kvm;/, /firmware/],
];

for (const [change, fact, advice] of ROWS) {
  Deno.test(`kvmFinding() of ${JSON.stringify(change)}`, () => {
    const result = kvmCheckResult({ ...USABLE, ...change });
    assert.equal(result.state, advice === undefined ? "ok" : "warn");
    assert.match(result.fact, fact);
    if (advice === undefined) assert.equal(result.advice, undefined);
    else assert.match(result.advice ?? "", advice);
  });
}

Deno.test("readKvmFacts() reads the facts of this host", () => {
  const facts = readKvmFacts();
  assert.equal(facts.arch, Deno.build.arch);
  assert.ok(["opens", "absent", "forbidden", "broken"].includes(facts.device));
});
