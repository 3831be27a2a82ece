// The argv of QEMU for each architecture, on hosts of either.

import assert from "node:assert/strict";
import { vm } from "../../mod.ts";
import { checkArch } from "../../src/machine/architectures.ts";
import { type Accelerator, type MachineSpec, qemuArgv } from "../../src/qemu/argv.ts";
import { commandLine } from "../../src/vm/command_line.ts";
import { type VmOptions, withDefaults } from "../../src/vm/options.ts";

const COMMAND = { type: "command", args: ["true"], env: {} } as const;

/** The argv for a machine of this architecture. */
function argvOf(arch: "x86_64" | "aarch64", accel: Accelerator, rest: Partial<MachineSpec> = {}) {
  const { qemu, machine, cpus, memoryMib } = withDefaults({ arch });
  const files = { kernel: "K", initrd: "I", append: "words", folder: "F" };
  const argv = qemuArgv({ arch, qemu, machine, accel, cpus, memoryMib, ...files, ...rest });
  return argv.join(" ");
}

const ROWS: readonly [string, string, RegExp, RegExp][] = [
  ["x86_64 under TCG", argvOf("x86_64", "tcg"), /^qemu-system-x86_64 .*q35,accel=tcg/, / -cpu /],
  ["x86_64 under KVM", argvOf("x86_64", "kvm"), /q35,accel=kvm -cpu host/, /virt,/],
  [
    "aarch64 under TCG",
    argvOf("aarch64", "tcg"),
    /^qemu-system-aarch64 .*virt,gic-version=max,accel=tcg .*-cpu cortex-a72 .*-kernel K/,
    /q35/,
  ],
  ["aarch64 under KVM", argvOf("aarch64", "kvm"), /accel=kvm .*-cpu host/, /cortex/],
  // A plan does not know the accelerator, so the CPU model must work with both.
  ["aarch64 in a plan", argvOf("aarch64", "kvm:tcg"), /accel=kvm:tcg .*-cpu max/, /cortex/],
  [
    "a clone",
    argvOf("x86_64", "tcg", {
      memory: { path: "M", use: "clone" },
      state: { plain: 17, inSet: 18 },
    }),
    / -qmp chardev:monitor -add-fd fd=18,set=1 -incoming defer( |$)/,
    / -mon /, // deprecated in QEMU 11
  ],
];

for (const [name, argv, expected, unexpected] of ROWS) {
  Deno.test(`the argv for ${name}`, () => {
    assert.match(argv, expected);
    assert.doesNotMatch(argv, unexpected);
  });
}

Deno.test("a clone reads no kernel: a PC keeps its option ROM, ARM has none", () => {
  const memory = { path: "M", use: "clone" } as const;
  assert.match(argvOf("x86_64", "tcg", { memory }), /-option-rom linuxboot_dma\.bin/);
  const arm = argvOf("aarch64", "tcg", { memory });
  assert.match(arm, /virt,gic-version=max,accel=tcg,memory-backend=ram/);
  assert.doesNotMatch(arm, /-kernel|-initrd|-option-rom/);
});

Deno.test("the host's architecture is the default on either", () => {
  const { arch, qemu, machine, bootTimeoutMs } = withDefaults({}, "aarch64");
  assert.deepEqual([arch, qemu], ["aarch64", "qemu-system-aarch64"]);
  assert.equal(machine, "virt,gic-version=max");
  const x86 = withDefaults({}, "x86_64");
  assert.deepEqual([x86.arch, x86.qemu, x86.machine], ["x86_64", "qemu-system-x86_64", "q35"]);
  assert.equal(x86.bootTimeoutMs, bootTimeoutMs);
});

Deno.test("a guest of another architecture has more time to boot, unless the option is set", () => {
  const own = withDefaults({}, "x86_64").bootTimeoutMs;
  assert.ok(withDefaults({ arch: "aarch64" }, "x86_64").bootTimeoutMs > own);
  assert.ok(withDefaults({ arch: "x86_64" }, "aarch64").bootTimeoutMs > own);
  const told = { arch: "aarch64", bootTimeoutMs: 5, qemu: "Q", machine: "M" } as const;
  const { bootTimeoutMs, qemu, machine } = withDefaults(told, "x86_64");
  assert.deepEqual([bootTimeoutMs, qemu, machine], [5, "Q", "M"]);
});

Deno.test("the console of a guest is its first serial port", () => {
  assert.match(commandLine({ arch: "x86_64" }, ["word"]), /^console=ttyS0 .* no_timer_check word$/);
  assert.match(commandLine({ arch: "aarch64" }, ["word"]), /^console=ttyAMA0 .* word$/);
});

Deno.test("a plan shows that a guest is emulated", () => {
  const arch = Deno.build.arch === "x86_64" ? "aarch64" : "x86_64";
  assert.match(vm({ arch }).argv(COMMAND).join(" "), /accel=tcg /);
  assert.match(vm().argv(COMMAND).join(" "), /accel=kvm:tcg /);
});

Deno.test("vm() and checkArch() refuse an unknown architecture", () => {
  const wrong = { arch: "arm64" } as unknown as VmOptions;
  const message = /^cannot make a guest of "arm64": it must be x86_64 or aarch64$/;
  assert.throws(() => vm(wrong), { name: "TypeError", message });
  assert.throws(() => checkArch("toString"), TypeError);
  checkArch(undefined);
  checkArch("aarch64");
});
